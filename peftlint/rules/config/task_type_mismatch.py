"""The task type, or the class that an adapter is loaded on, does not fit the model.

## What it does
Flags a misspelt `task_type`, CAUSAL_LM or SEQ_2_SEQ_LM for a classifier or a model without a head, a classifier's
task type for a question answering model that is trained (or the reverse), and an adapter that is saved from a
model with a head and loaded on one without (or the reverse).

## Why is this bad?
A misspelt task type raises `ValueError: Invalid task type`. CAUSAL_LM on such a model raises AttributeError
(`prepare_inputs_for_generation`) when it is wrapped, in older releases a TypeError (`labels`) in the first
forward pass or no head is saved. With the task type of another head nothing raises: the model's own head stays
frozen, as it was made, and is not saved. And under a class with other names no weight of the adapter is found: it
loads as zeros (measured: every lora_B is zero), with only a warning.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained(path)
model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM"))
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained(path)
model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS"))
```

## Fix safety
Unsafe: the task type of the model's class. No fix where two classes disagree.

## When not to worry
The task type of one classifier for the other (both save either's head), heads named in `modules_to_save`,
models of one's own, `trust_remote_code=True` (any class may come back), and configs without a task type.

## Releases
All releases.

## References
- https://github.com/huggingface/transformers/issues/36594
- https://github.com/huggingface/peft/issues/2243
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, configs, literal_node, task_type
from peftlint.rules.config.attachments import (
    absent,
    attachments,
    is_trained_later,
    is_unfrozen_later,
    written,
)
from peftlint.semantics.events import AdapterAdded, Saved, Wrapped
from peftlint.semantics.values import FALSE, same

if TYPE_CHECKING:
    from peftlint.rules.config.attachments import Attachment
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import ConfigCreated
    from peftlint.semantics.records import Network

_KNOWN = ("CAUSAL_LM", "SEQ_CLS", "SEQ_2_SEQ_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION")
_CLASSES = {
    "AutoModel": "FEATURE_EXTRACTION",
    "AutoModelForSequenceClassification": "SEQ_CLS",
    "AutoModelForTokenClassification": "TOKEN_CLS",
    "AutoModelForQuestionAnswering": "QUESTION_ANS",
}
#: task types whose wrapper trains and saves a head
_HEADS = ("SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS")
#: ends of the names of models that do have a head, or a language model in them
_WITH_HEAD = ("HeadModel", "HeadsModel", "WithLMHead", "DecoderModel", "PreTrainedModel", "GenerationModel")


class TaskTypeMismatch(Rule):
    code = "PEFT209"
    name = "task-type-mismatch"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        yield from self._misspelt(analysis)
        for site in attachments(analysis):
            bad = [event for event in site if _fitting(event)]
            for event in bad[:1]:
                if (
                    event.before is not None
                    and analysis.must(site, event, bad, event.before.created, _created(event))
                    and (_is_language_model(event) or _head_is_wanted(analysis, event))
                ):
                    yield self._unfit(analysis, event, event.before)
        yield from self._loaded_elsewhere(analysis)

    def _misspelt(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for event in configs(analysis):
            given = event.config.argument("task_type")
            name = task_type(given)
            if name is None or name.upper() in _KNOWN or event.handled or analysis.in_test(event):
                continue
            near = next(iter(difflib.get_close_matches(name.upper(), _KNOWN, n=1)), "")
            message = f"there is no task type {name!r}: the call fails"
            if analysis.targets.peft.every("<0.14"):
                message = f"there is no task type {name!r}: the model is wrapped as if none was given"
            help = f"did you mean {near!r}?" if near else f"task types: {', '.join(_KNOWN)}"
            fix = self._fix(event, near) if near else None
            yield self.report(event, message, help, (), fix, argument_node(event, "task_type"))

    def _unfit(self, analysis: Analysis, event: Attachment, network: Network) -> Diagnostic:
        known = written(event)
        assert known is not None and network.created is not None
        name = task_type(known[0].argument("task_type"))
        better = _fits(network.class_name) or "FEATURE_EXTRACTION"
        if _is_language_model(event):
            kind = "a causal" if name == "CAUSAL_LM" else "an encoder-decoder"
            wrapped = f"it is wrapped as {kind} language model here"
            outcome = "it cannot generate, and wrapping or training it fails"
            if better != "FEATURE_EXTRACTION" and analysis.targets.transformers.some("<4.52"):
                # every model could be asked to generate then (run with transformers 4.41.2: it is wrapped and trained)
                outcome = "it cannot generate, and its own head stays frozen and is not saved"
        else:
            wrapped = f"it is wrapped as a model of {name} here"
            outcome = "its own head stays frozen and is not saved"
        trace = [
            analysis.step(f"the model is an `{network.class_name}` here", network.created),
            analysis.step(wrapped, event),
        ]
        message = f"task type {name} does not fit `{network.class_name}`: {outcome}"
        fix = self._fix(known[1], better)
        return self.report(
            known[1], message, f"use {better}", trace, fix, argument_node(known[1], "task_type")
        )

    def _fix(self, event: ConfigCreated, better: str) -> Fix | None:
        literal = literal_node(event, "task_type")
        if literal is None:
            return None
        written_as = event.syntax.text(literal)
        head, dot, _ = written_as.rpartition(".")
        replacement = f"{head}.{better}" if dot else f'"{better}"'
        if not dot and written_as[:1] not in "\"'":
            return None
        return make_fix(
            event, f"Use {better}", Applicability.UNSAFE, text.replace(event.syntax, literal, replacement)
        )

    def _loaded_elsewhere(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """Saved from a model with a head and loaded on one without, or the reverse: the names of the layers differ."""
        for site in analysis.sites(Wrapped):
            for event in site[:1]:
                if (
                    event.how != "checkpoint"
                    or event.path is None
                    or _headless(event.before) is None
                    or len(site) > 1
                ):
                    continue
                for saved in analysis.all(Saved):
                    if not event.after(saved):
                        continue
                    if (
                        saved.network == event.network
                        or saved.through != "peft"
                        or same(saved.path, event.path) is not True
                    ):
                        continue
                    if _headless(saved.before) not in (None, _headless(event.before)) and analysis.certain(
                        event, saved
                    ):
                        yield self._lost(analysis, event, saved)
                    break

    def _lost(self, analysis: Analysis, event: Wrapped, saved: Saved) -> Diagnostic:
        assert event.before is not None and saved.before is not None
        trace = [
            analysis.step(f"the adapter of an `{saved.before.class_name}` is saved here", saved),
            analysis.step(f"it is loaded on an `{event.before.class_name}` here", event),
        ]
        message = (
            f"the adapter was saved from an `{saved.before.class_name}`: on an `{event.before.class_name}` its layers have other "
            "names, and none of its weights is loaded"
        )
        return self.report(event, message, f"load it on an `{saved.before.class_name}`", trace)


def _fits(class_name: str) -> str | None:
    """The task type of a class of transformers that is no causal language model; `LlamaModel` has no head at all.

    Run with transformers 5.23: Llama, GPT2, Bert, OPT, Bloom, GPTNeoX and Qwen2 models without a head cannot be wrapped.
    """
    for suffix, fitting in _CLASSES.items():
        if class_name == suffix or (
            suffix != "AutoModel" and class_name.endswith(suffix.removeprefix("AutoModel"))
        ):
            return fitting
    headless = class_name.endswith("Model") and not class_name.endswith(_WITH_HEAD)
    return "FEATURE_EXTRACTION" if headless else None


def _created(event: Attachment) -> ConfigCreated | None:
    known = written(event)
    return known[1] if known is not None else None


def _plain(network: Network | None) -> bool:
    """A model of transformers' own code, made by from_pretrained."""
    if (
        network is None
        or network.kind != "transformers"
        or network.created is None
        or network.created.call is None
    ):
        return False
    call = network.created.call
    remote = {**call.arguments, **call.unknown}.get("trust_remote_code", FALSE)
    return ".from_pretrained" in call.callee and not call.open and remote == FALSE


def _headless(network: Network | None) -> bool | None:
    if network is None or not _plain(network) or not network.class_name.startswith("AutoModel"):
        return None
    if network.class_name == "AutoModel":
        return True
    return False if network.class_name in ("AutoModelForCausalLM", *_CLASSES) else None


def _fitting(event: Attachment) -> str | None:
    """The task type that would fit, if one is given for which the class lacks a method, or that saves another head."""
    known, network = written(event), event.before
    if (
        known is None
        or network is None
        or not _plain(network)
        or isinstance(event, AdapterAdded)
        or (isinstance(event, Wrapped) and event.how != "config")
    ):
        return None
    given, fitting = task_type(known[0].argument("task_type")), _fits(network.class_name)
    if given == "CAUSAL_LM" or (given == "SEQ_2_SEQ_LM" and fitting in _HEADS):
        return fitting
    if given not in _HEADS or not absent(known[0], "modules_to_save"):
        return None
    # the two classifiers call their heads alike: either task type saves the other's
    return fitting if fitting in _HEADS and "QUESTION_ANS" in (given, fitting) and given != fitting else None


def _is_language_model(event: Attachment) -> bool:
    known = written(event)
    return known is not None and task_type(known[0].argument("task_type")) in ("CAUSAL_LM", "SEQ_2_SEQ_LM")


def _head_is_wanted(analysis: Analysis, event: Attachment) -> bool:
    """The model is trained, and nobody unfreezes the head."""
    return is_trained_later(analysis, event) and not is_unfrozen_later(analysis, event)
