"""A base is wrapped with the config of a saved adapter; the saved weights are never read.

## What it does
Flags `get_peft_model`, `PeftModel(...)`, `inject_adapter_in_model` and the `peft_config=` of a TRL trainer with a config
that was read from a saved adapter (`PeftConfig.from_pretrained(folder)`), where nothing loads the weights afterwards.

## Why is this bad?
The adapter is made anew with the saved settings: its output equals the base model's (measured: largest
difference of the logits 0.0). Saved configs carry `inference_mode=True`, so it is frozen too: no parameter is
trainable.

## Example
```python
from peft import PeftConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
config = PeftConfig.from_pretrained("adapters/math")
model = get_peft_model(base, config)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
```

## Fix safety
Unsafe: the wrapping call becomes `PeftModel.from_pretrained(base, folder)`, with `is_trainable=True` where
training follows. None where the folder's expression cannot be repeated at the call.

## When not to worry
A saved config that is changed (`config.r = 16`, `config.inference_mode = False`) is a template, and weights
that come by `set_peft_model_state_dict`, `load_state_dict`, `load_adapter` or by hand are weights.

## Releases
All releases of peft; none warns.

## References
- https://github.com/huggingface/peft/issues/1678
- https://github.com/huggingface/peft/issues/470
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix
from peftlint.fixes import calls, imports, text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.checkpoints import is_template, repeatable_path, weights_follow
from peftlint.semantics.events import AdapterLoaded, ConfigCreated, Event, Trained, TrainerBuilt, Wrapped
from peftlint.semantics.values import same

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class UntrainedFromPretrainedConfig(Rule):
    code = "PEFT102"
    name = "untrained-from-pretrained-config"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped, TrainerBuilt):
            bad = [event for event in site if self._is_bad(analysis, event)]
            if bad and analysis.must(site, bad[0], bad, self._origin(bad[0])):
                yield self._finding(analysis, bad[0])
                analysis.explain(*bad)

    def _is_bad(self, analysis: Analysis, event: Wrapped | TrainerBuilt) -> bool:
        config = event.config
        if config is None or config.path is None or is_template(config) or event.expected_failure:
            return False
        if not _is_frozen(event) and self._loaded_before(analysis, event):
            return False
        if isinstance(event, TrainerBuilt):
            # TRL's trainers give it to `get_peft_model`
            return not weights_follow(analysis, event, config.path, None, frozen=True)
        return not weights_follow(analysis, event, config.path, event.adapter, frozen=event.how == "config")

    def _loaded_before(self, analysis: Analysis, event: Wrapped | TrainerBuilt) -> Event | None:
        """Where the weights went into the model: they were merged, and the adapter is one on top of them."""
        assert event.config is not None
        for loaded in analysis.earlier(event, Wrapped, AdapterLoaded):
            if loaded.network == event.network and same(loaded.path, event.config.path):
                return loaded  # type: ignore[no-any-return]
        return None

    def _origin(self, event: Wrapped | TrainerBuilt) -> ConfigCreated | None:
        origin = event.config.created if event.config is not None else None
        return origin if isinstance(origin, ConfigCreated) else None

    def _finding(self, analysis: Analysis, event: Wrapped | TrainerBuilt) -> Diagnostic:
        origin = self._origin(event)
        assert event.config is not None and origin is not None
        folder = words.path(origin, event.config.path, "pretrained_model_name_or_path")
        trace = [
            analysis.step(f"only the settings of {folder} are read here", origin),
            analysis.step("a fresh adapter with these settings is made here", event),
        ]
        frozen = " and frozen" if _is_frozen(event) else ""
        message = f"the adapter is fresh{frozen}: only the config is read from {folder}, the weights saved there are not loaded"
        help = "load both with `PeftModel.from_pretrained(base, folder)`"
        before = self._loaded_before(analysis, event)
        if before is not None:
            trace.insert(0, analysis.step("its weights are loaded here", before))
            message = (
                f"the adapter is fresh and frozen: the config that is read from {folder} is one for inference"
            )
            help = "set `inference_mode = False` on the config"
            return self.report(event, message, help, trace)
        fix = self._fix(analysis, event, origin) if isinstance(event, Wrapped) else None
        return self.report(event, message, help, trace, fix)

    def _fix(self, analysis: Analysis, event: Wrapped, origin: ConfigCreated) -> Fix | None:
        call = event.call
        if call is None or event.how != "config" or call.open or event.nested is not None:
            return None
        folder = repeatable_path(analysis, origin, event)
        config, model = call.nodes.get("peft_config"), call.nodes.get("model")
        if folder is None or config is None or model is None:
            return None
        syntax = event.syntax
        texts = [syntax.text(model.value), folder]
        texts += [calls.argument_source(syntax, arg) for arg in call.node.args if arg not in (model, config)]
        trained = any(e.after(event) for e in analysis.on(event.network, Trained, TrainerBuilt))
        if trained:
            texts.append("is_trainable=True")
        wrapper, edits = imports.reference(syntax, "peft.PeftModel", call.node)
        old = syntax.text(call.node.func)
        edits = [
            *edits,
            *text.replace(syntax, call.node.func, f"{wrapper}.from_pretrained"),
            *calls.set_arguments(syntax, call.node, texts),
        ]
        edits += _orphans(event, origin, old, edits)
        return make_fix(
            event, "Load the saved adapter with `PeftModel.from_pretrained`", Applicability.UNSAFE, edits
        )


def _is_frozen(event: Wrapped | TrainerBuilt) -> bool:
    """A saved config says inference mode, which `get_peft_model` heeds."""
    return isinstance(event, TrainerBuilt) or event.how == "config"


def _orphans(event: Wrapped, origin: ConfigCreated, function: str, edits: list[Edit]) -> list[Edit]:
    found: list[Edit] = []
    config = origin.call.callee.split(".")[1] if origin.call is not None else ""
    for name in (function, config):
        if name.isidentifier():
            found += imports.remove_orphan_import(event.syntax, name, [*edits, *found])
    return found
