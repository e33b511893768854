"""An adapter with `init_lora_weights=False` is trained, or answers as if it were trained.

## What it does
Flags `init_lora_weights=False` where the fresh adapter is then trained, or is the only adapter of a model
that generates, with no weights loaded in between.

## Why is this bad?
False makes A *and* B random, for tests of PEFT itself: the adapter is noise that is added to every target
layer. Training starts from a broken model (measured: the logits of the first step are neither the base
model's nor any saved adapter's), and a model that answers gives noise.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
config = LoraConfig(r=8, init_lora_weights=False)
model = get_peft_model(base, config)
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
config = LoraConfig(r=8, init_lora_weights=True)
model = get_peft_model(base, config)
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Unsafe: training then starts from the base model. No fix where trained weights are meant to be loaded.

## When not to worry
Weights that are loaded afterwards, random adapters in tests, adapters that are only saved, models that are
compared with themselves or run with `disable_adapter()`.

## Releases
All releases.

## References
- https://huggingface.co/docs/peft/package_reference/lora
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import argument_node, literal_node
from peftlint.rules.config.attachments import attachments, is_compared
from peftlint.semantics.events import (
    AdapterLoaded,
    ConfigCreated,
    Escaped,
    Merged,
    Saved,
    Trained,
    TrainerBuilt,
    Used,
    WeightsPatched,
    Wrapped,
)
from peftlint.semantics.values import FALSE

if TYPE_CHECKING:
    from peftlint.rules.config.attachments import Attachment
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event


class RandomInitThenTrained(Rule):
    code = "PEFT202"
    name = "random-init-then-trained"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        reported: set[int] = set()
        for site in attachments(analysis):
            bad = [event for event in site if _is_random(event)]
            for event in bad[:1]:
                created = event.config.created if event.config is not None else None
                if (
                    not isinstance(created, ConfigCreated)
                    or created.call is None
                    or id(created.node) in reported
                ):
                    continue
                sink = self._sink(analysis, event)
                if (
                    sink is None
                    or not analysis.must(site, event, bad, created)
                    or not analysis.certain(sink, event)
                ):
                    continue
                reported.add(id(created.node))
                yield self._finding(analysis, created, event, sink)

    def _sink(self, analysis: Analysis, event: Attachment) -> Event | None:
        """The training, or the answer, that takes the noise for an adapter."""
        if any(analysis.later(event, AdapterLoaded, WeightsPatched)) or is_compared(analysis, event.network):
            return None
        for sink in analysis.later(event, Trained, Used):
            if (
                sink.network != event.network
                or not sink.after(event)
                or analysis.in_test(sink)
                or sink.expected_failure
            ):
                continue
            if any(sink.after(escaped) for escaped in analysis.later(event, Escaped)):
                return None
            if isinstance(sink, Trained):
                return sink
            if isinstance(sink, Used) and sink.how == "generate" and self._answers(analysis, event, sink):
                return sink
        return None

    def _answers(self, analysis: Analysis, event: Attachment, used: Used) -> bool:
        """The model is there to answer with this one adapter, and not to be trained, saved, merged or switched."""
        if (
            used.before is None
            or len(used.before.adapters) != 1
            or used.before.merged
            or used.before.enabled is not True
        ):
            return False
        others = (Trained, TrainerBuilt, Saved, Merged, Wrapped, Escaped)
        return not any(other is not event for other in analysis.later(event, *others))

    def _finding(
        self, analysis: Analysis, created: ConfigCreated, event: Attachment, sink: Event
    ) -> Diagnostic:
        trained = isinstance(sink, Trained)
        trace = [
            analysis.step(
                "the config asks for random weights here",
                created,
                argument_node(created, "init_lora_weights"),
            ),
            analysis.step("the random adapter is attached here", event),
            analysis.step(
                "training starts from it here" if trained else f"{words.receiver(sink)} answers with it here",
                sink,
            ),
        ]
        literal = literal_node(created, "init_lora_weights")
        if trained:
            message = "`init_lora_weights=False` makes the adapter random: training starts from noise, not from the base model"
            help = "leave `init_lora_weights` at True"
            edits = text.replace(created.syntax, literal, "True") if literal is not None else []
            fix = make_fix(
                created,
                "Start from the base model with `init_lora_weights=True`",
                Applicability.UNSAFE,
                edits,
            )
        else:
            message = f"`init_lora_weights=False` makes the adapter random, and no weights are loaded: {words.receiver(sink)} answers with noise"
            help = "load the trained adapter with `PeftModel.from_pretrained(base, DIR)`"
            fix = None
        return self.report(created, message, help, trace, fix, argument_node(created, "init_lora_weights"))


def _is_random(event: Attachment) -> bool:
    return (
        event.network is not None
        and event.config is not None
        and event.config.argument("init_lora_weights") == FALSE
    )
