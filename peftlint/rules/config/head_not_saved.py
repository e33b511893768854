"""A new classification head is not saved with the adapter.

## What it does
Flags a LoRA config with neither `task_type` nor `modules_to_save` on a classification model whose head is new
(`num_labels=`, `id2label=`, `ignore_mismatched_sizes=` ... at its creation), and a config that puts LoRA on
such a head, when the model is trained or saved. For a model that classifies images PEFT has no task type: there
the head has to be named in `modules_to_save`.

## Why is this bad?
PEFT freezes the head and saves only the adapter. Whoever loads it gets another random head: measured on a
tiny BERT, the logits after loading differ from those of the trained model, and nothing warns. LoRA on the
head does not help, because the random weights below it are lost.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model = AutoModelForSequenceClassification.from_pretrained(path, num_labels=5)
model = get_peft_model(model, LoraConfig(r=8))
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model = AutoModelForSequenceClassification.from_pretrained(path, num_labels=5)
model = get_peft_model(model, LoraConfig(r=8, task_type="SEQ_CLS"))
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Unsafe: the head becomes trainable and is saved.

## When not to worry
Heads that come with the checkpoint (no sign of a new one in the call), heads that are unfrozen and saved
apart, and models that are merged and saved whole.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/876
- https://github.com/huggingface/peft/issues/577
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Edit
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, strings
from peftlint.rules.config.attachments import (
    Attachment,
    absent,
    attachments,
    is_trained_later,
    is_unfrozen_later,
    set_after,
    written,
)
from peftlint.semantics.events import Merged, Saved
from peftlint.semantics.values import FALSE, NONE

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import ConfigCreated

#: ends of class names, with the task type whose PeftModel saves their head
_TASKS = {
    "ForSequenceClassification": "SEQ_CLS",
    "ForTokenClassification": "TOKEN_CLS",
    "ForQuestionAnswering": "QUESTION_ANS",
}
#: those of which PEFT knows no task: the head has to be named
_NAMED = {"ForImageClassification": "classifier"}
_NEW_HEAD = ("num_labels", "id2label", "label2id", "ignore_mismatched_sizes")
_HEADS = ("classifier", "score", "qa_outputs")
_METHODS = (
    "LoraConfig",
    "AdaLoraConfig",
    "LoHaConfig",
    "LoKrConfig",
    "IA3Config",
    "OFTConfig",
    "BOFTConfig",
    "VeraConfig",
)


class HeadNotSaved(Rule):
    code = "PEFT208"
    name = "head-not-saved"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in attachments(analysis):
            bad = [event for event in site if self._loses_head(event)]
            for event in bad[:1]:
                created = event.before.created if event.before is not None else None
                if not analysis.must(site, event, bad, created) or not self._matters(analysis, event):
                    continue
                yield self._finding(analysis, event)

    def _loses_head(self, event: Attachment) -> bool:
        known, network = written(event), event.before
        if (
            known is None
            or network is None
            or network.kind != "transformers"
            or not (_task(network.class_name) or _head(network.class_name))
        ):
            return False
        if known[0].class_name not in _METHODS or not absent(known[0], "task_type", "modules_to_save"):
            return False
        call = network.created.call if network.created is not None else None
        if call is None or ".from_pretrained" not in call.callee:
            return False
        given = {**call.arguments, **call.unknown}
        return any(given.get(name) not in (None, NONE, FALSE) for name in _NEW_HEAD)

    def _matters(self, analysis: Analysis, event: Attachment) -> bool:
        """The adapter is trained or saved; nobody else takes care of the head."""
        if is_unfrozen_later(analysis, event) or any(analysis.later(event, Merged)):
            return False
        saved = list(analysis.later(event, Saved))
        if any(each.through not in ("peft", "network") for each in saved):
            return False
        code = event.syntax.source.code
        if "torch.save(" in code or "save_file(" in code:
            # parts of a model are not followed: this may be the head
            return False
        return is_trained_later(analysis, event) or any(each.network == event.network for each in saved)

    def _finding(self, analysis: Analysis, event: Attachment) -> Diagnostic:
        known, network = written(event), event.before
        assert known is not None and network is not None and network.created is not None
        config, created = known
        targeted = [name for name in strings(config.argument("target_modules")) or () if name in _HEADS]
        trace = [
            analysis.step(f"`{network.class_name}` gets a new head here", network.created),
            analysis.step("the config is made here, and says nothing of the head", created),
            analysis.step("the adapter is attached here, and the head is frozen", event),
        ]
        if targeted:
            message = f"LoRA on the new head {targeted[0]!r} is not enough: the random weights below it are not saved"
            help = f"give `modules_to_save={targeted}` and take it out of `target_modules`"
        else:
            message = f"the new head of `{network.class_name}` is neither trained nor saved: the loaded adapter gets another random head"
            named = _head(network.class_name)
            help = (
                f'give `modules_to_save=["{named}"]`'
                if named
                else f'give `task_type="{_task(network.class_name)}"`, or name the head in `modules_to_save`'
            )
        node = argument_node(created, "target_modules") if targeted else created.node
        edits = _edits(
            created, targeted, network.class_name, strings(config.argument("target_modules")) or []
        )
        fix = make_fix(created, "Save the head with the adapter", Applicability.UNSAFE, edits)
        return self.report(created, message, help, trace, fix, node)


def _task(class_name: str) -> str:
    return next((task for ending, task in _TASKS.items() if class_name.endswith(ending)), "")


def _head(class_name: str) -> str:
    return next((head for ending, head in _NAMED.items() if class_name.endswith(ending)), "")


def _edits(created: ConfigCreated, heads: list[str], class_name: str, targets: list[str]) -> list[Edit]:
    assert created.call is not None
    if not heads:
        keyword, value = "task_type", f'"{_task(class_name)}"'
        if named := _head(class_name):
            keyword, value = "modules_to_save", f'["{named}"]'
        return calls.set_keyword(created.syntax, created.call.node, keyword, value)
    rest = ", ".join(f'"{name}"' for name in targets if name not in heads)
    saved = ", ".join(f'"{name}"' for name in heads)
    return set_after(created, "target_modules", f"modules_to_save=[{saved}]", f"target_modules=[{rest}]")
