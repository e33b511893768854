"""An adapter that was loaded frozen is trained: nothing learns.

## What it does
Flags `PeftModel.from_pretrained`, `AutoPeftModel...from_pretrained` and `load_adapter` without
`is_trainable=True` whose model then reaches a training sink (a trainer's `train()`, `loss.backward()`, an
optimizer's `step()`) while every active adapter is still frozen.

## Why is this bad?
Adapters are loaded for inference by default: no parameter requires gradients. Plain loops raise "element 0 of
tensors does not require grad"; with gradient checkpointing or `enable_input_require_grads()` nothing raises
and the loss is computed for hours while no weight changes (measured: all parameters equal before and after).

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "checkpoints/last")
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "checkpoints/last", is_trainable=True)
Trainer(model=model, args=args, train_dataset=data).train()
```

## Fix safety
Safe where the call leaves `is_trainable` out; unsafe where it says False.

## When not to worry
A frozen reference or teacher beside the model that is trained, adapters whose parameters are unfrozen by hand
or by `set_adapter`, a second adapter that is added and activated for training, and `is_trainable=` given by a
variable. Programs whose stages are options (`if args.do_train:` beside `if args.do_eval:`) and whose training stage could
never train anything: they evaluate.

## Releases
All releases of peft.

## References
- https://github.com/huggingface/peft/issues/184
- https://github.com/huggingface/trl/issues/6700
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterLoaded, Event, OptimizerBuilt, Trained, Used, Wrapped

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.state import Decision


class FrozenAdapterTrained(Rule):
    code = "PEFT401"
    name = "frozen-adapter-trained"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        optimised = any(True for _ in analysis.all(OptimizerBuilt)) or any(
            event.how != "backward" for event in analysis.all(Trained)
        )
        for site in analysis.sites(Trained):
            if not optimised:
                # gradients alone may be wanted for their own sake, such as those of the input
                continue
            bad = [event for event in site if self._load(event) is not None]
            if not bad:
                continue
            load = self._load(bad[0])
            if (
                load is None
                or analysis.explained(load)
                or not analysis.must(site, bad[0], bad, load, presence=True)
            ):
                continue
            if len(bad) == len(site) and self._for_evaluation(analysis, load, bad):
                continue
            yield self._finding(analysis, load, bad[0])
            analysis.explain(load)

    def _for_evaluation(self, analysis: Analysis, load: Event, trainings: list[Trained]) -> bool:
        """Is the training one stage of several that the user asks for, and never right, while others use the model?

        `if args.do_train: ...` beside `if args.do_eval: ...`: an evaluation copied from a training script.
        """
        return all(
            any(
                self._left_out(use, stage) and any(guard not in load.guards for guard in use.guards)
                for stage in training.guards
                if stage not in load.guards and stage not in load.decisions
                for use in analysis.later(load, Used)
                if use.inference and use.network == training.network
            )
            for training in trainings
        )

    def _left_out(self, use: Used, stage: Decision) -> bool:
        """Did the use happen on a path without the stage, under a condition of its own?"""
        without = any(d.key == stage.key and d.outcome is not stage.outcome for d in use.decisions)
        return without and all(guard.key != stage.key for guard in use.guards)

    def _load(self, event: Trained) -> Event | None:
        """The call that loaded the frozen adapter, if nothing else of the model can learn."""
        network = event.before
        if network is None or not event.alone or event.expected_failure or network.uncertain:
            return None
        adapters = network.active_adapters()
        if not adapters or any(adapter.trainable is not False for adapter in adapters):
            return None
        loads = [adapter.created for adapter in adapters if adapter.origin == "loaded"]
        created = loads[-1] if loads else None
        return created if isinstance(created, Wrapped | AdapterLoaded) else None

    def _finding(self, analysis: Analysis, load: Event, sink: Trained) -> Diagnostic:
        assert load.call is not None
        given = load.call.nodes.get("is_trainable")
        how = {"trainer": "training starts here", "backward": "gradients are computed here"}.get(
            sink.how, "the optimizer steps here"
        )
        trace = [
            analysis.step("the adapter is loaded frozen, for inference", load),
            analysis.step(how, sink),
        ]
        fix = make_fix(
            load,
            "Load the adapter with `is_trainable=True`",
            Applicability.SAFE if given is None else Applicability.UNSAFE,
            calls.set_keyword(load.syntax, load.call.node, "is_trainable", "True")
            if given is None or given.keyword is not None
            else calls.replace_value(load.syntax, given, "True"),
        )
        folder = words.path(load, getattr(load, "path", None), "model_id", "peft_model_id")
        message = (
            f"the adapter from {folder} is loaded frozen and then trained: none of its weights will change"
        )
        return self.report(load, message, "pass `is_trainable=True`", trace, fix)
