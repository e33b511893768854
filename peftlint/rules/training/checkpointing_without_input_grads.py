"""Gradient checkpointing after the adapter was added, with inputs that require no gradient.

## What it does
Flags `gradient_checkpointing_enable()` on a PeftModel with LoRA layers and frozen embeddings that is then
trained, without `enable_input_require_grads()` or `use_reentrant=False`, for projects that use transformers
4; and a Trainer with `TrainingArguments(gradient_checkpointing=True)` around such a model, which enables it when
the training begins.

## Why is this bad?
Reentrant checkpointing, the default of transformers 4, gives gradients only where an input requires one.
Frozen embeddings do not. The loss has no gradient ("element 0 of tensors does not require grad"); or, where
the head is trained too, nothing stops and the LoRA layers stay as they were (measured with transformers 4.56:
1 of 9 trainable parameters gets a gradient; the Trainer stops with that error).

## Example
```python
# peft==0.17.1 transformers==4.56.2
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

model = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(model, LoraConfig())
model.gradient_checkpointing_enable()
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

model = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(model, LoraConfig())
model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Unsafe: the other kind of checkpointing computes the same with a little more memory; it exists since
transformers 4.35.

## When not to worry
Checkpointing that is enabled before `get_peft_model` (which then sees to it),
`prepare_model_for_kbit_training`, trained embeddings, TRL's trainers.

## Releases
transformers before 5.0.

## References
- https://github.com/huggingface/peft/issues/1142
- https://github.com/huggingface/transformers/issues/35826
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import Prepared, Trained, TrainerBuilt, Wrapped
from peftlint.semantics.records import Config, DictBox, Instance, Trainer
from peftlint.semantics.values import NONE, TRUE, Constant, Sequence

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_EMBEDDINGS = ("embed", "wte", "wpe")


class CheckpointingWithoutInputGrads(Rule):
    code = "PEFT404"
    name = "checkpointing-without-input-grads"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        if not analysis.targets.transformers.every("<5.0"):
            return
        yield from self._by_settings(analysis)
        for site in analysis.sites(Prepared):
            for event in site:
                sink = self._trained(analysis, event)
                if sink is None or analysis.explained(event):
                    continue
                trace = [
                    analysis.step(
                        "checkpointing is enabled on a model whose inputs require no gradient", event
                    ),
                    analysis.step("it is trained here", sink),
                ]
                message = (
                    f"the inputs of {words.receiver(event)} require no gradient: "
                    "with this kind of checkpointing the adapter gets none"
                )
                help = "use checkpointing that is not reentrant, or call `enable_input_require_grads()`"
                yield self.report(event, message, help, trace, self._fix(analysis, event))
                analysis.explain(event)
                break

    def _by_settings(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """`TrainingArguments(gradient_checkpointing=True)`: the trainer enables it when training begins."""
        made = {event.identity: event for event in analysis.all(TrainerBuilt)}
        for sink in analysis.all(Trained):
            trainer = analysis.interpreter.records.get(sink.trainer or 0)
            built, now = made.get(sink.trainer or 0), sink.before
            if not isinstance(trainer, Trainer) or built is None:
                continue
            settings = analysis.interpreter.record_of(dict(trainer.arguments).get("args"))
            if not isinstance(settings, Instance) or settings.attribute("gradient_checkpointing") != TRUE:
                continue
            if (
                settings.attribute("gradient_checkpointing_kwargs") is not None
                or now is None
                or built.call is None
            ):
                continue
            wrap = now.wrapped_by
            if (
                now.uncertain
                or now.input_grads is not False
                or now.checkpointing
                or not isinstance(wrap, Wrapped)
            ):
                continue
            if not built.call.callee.startswith("transformers.") or not _only_layers(wrap.config):
                continue
            if (
                any(word in built.syntax.code for word in ("register_forward_hook", "use_reentrant"))
                or sink.expected_failure
                or analysis.explained(built)
            ):
                continue
            if analysis.certain(sink, built, wrap):
                trace = [
                    analysis.step("the adapter is added here; the embeddings below it stay frozen", wrap),
                    analysis.step("checkpointing begins with the training", sink),
                ]
                message = "the inputs of the model require no gradient: with reentrant checkpointing the adapter gets none"
                help = 'add `gradient_checkpointing_kwargs={"use_reentrant": False}`, or call `enable_input_require_grads()`'
                yield self.report(built, message, help, trace)
                analysis.explain(built)

    def _trained(self, analysis: Analysis, event: Prepared) -> Trained | None:
        """The training in which the adapter's layers get no gradient."""
        network = event.before
        if (
            event.how != "checkpointing"
            or network is None
            or network.uncertain
            or event.expected_failure
            or event.call is None
        ):
            return None
        wrap = network.wrapped_by
        if (
            not isinstance(wrap, Wrapped)
            or network.checkpointing is not None
            or network.input_grads is not False
        ):
            return None
        if not _only_layers(wrap.config) or not self._reentrant(analysis, event):
            return None
        if "register_forward_hook" in event.syntax.code or event.call.open:
            # the old way to make inputs require gradients
            return None
        if any(
            built.call and built.call.callee.startswith("trl.")
            for built in analysis.on(event.network, TrainerBuilt)
        ):
            return None
        for sink in analysis.on(event.network, Trained):
            now = sink.before
            if now is None or now.uncertain or now.input_grads is not False or now.checkpointing is not event:
                continue
            if (
                sink.after(event)
                and sink.alone
                and not sink.expected_failure
                and analysis.certain(sink, event, wrap)
            ):
                return sink
        return None

    def _reentrant(self, analysis: Analysis, event: Prepared) -> bool:
        assert event.call is not None
        given = event.call.value("gradient_checkpointing_kwargs")
        if given is None or given == NONE:
            return True
        box = analysis.interpreter.record_of(given)
        return (
            isinstance(box, DictBox) and box.closed and box.get(Constant("use_reentrant")) == Constant(True)
        )

    def _fix(self, analysis: Analysis, event: Prepared) -> Fix | None:
        if event.call is None or event.call.node.args or not analysis.targets.transformers.every(">=4.35"):
            return None
        edits = calls.add_keyword(
            event.syntax, event.call.node, "gradient_checkpointing_kwargs", '{"use_reentrant": False}'
        )
        return make_fix(event, "Use checkpointing that is not reentrant", Applicability.UNSAFE, edits)


def _only_layers(config: Config | None) -> bool:
    """LoRA in layers behind the embeddings, which stay frozen."""
    if config is None or config.class_name != "LoraConfig" or not config.complete or config.path is not None:
        return False
    if config.argument("trainable_token_indices") not in (None, NONE) or config.argument("bias") not in (
        None,
        Constant("none"),
    ):
        return False
    for name in ("target_modules", "modules_to_save"):
        value = config.argument(name)
        if value in (None, NONE, Constant("all-linear")):
            continue
        if not isinstance(value, Sequence) or not all(isinstance(item, Constant) for item in value.items):
            return False
        if any(
            part in str(item.value)
            for item in value.items
            if isinstance(item, Constant)
            for part in _EMBEDDINGS
        ):
            return False
    return True
