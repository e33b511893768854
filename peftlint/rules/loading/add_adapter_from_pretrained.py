"""A saved adapter's config is added as a new adapter; its weights are never read.

## What it does
Flags `add_adapter` whose config was read from a saved adapter (`PeftConfig.from_pretrained(folder)`, directly
or through variables, attributes, helpers and loops), or that is given the folder itself, where nothing loads
the weights afterwards.

## Why is this bad?
`add_adapter` makes a *new* adapter with the saved settings. The weights in the folder are not loaded: the
usual initialisation leaves the output equal to the base model's (measured: largest difference of the logits
0.0), and nothing warns. Given a path instead of a config, the call raises.

## Example
```python
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
model.set_adapter("math")
```

## Use instead
```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/math", adapter_name="math")
model.set_adapter("math")
```

## Fix safety
Safe where the model is only used for inference afterwards, so that a fresh adapter can have no purpose;
unsafe where that cannot be seen. No fix where the folder's expression cannot be repeated at the call.

## When not to worry
A saved config that is changed and reused as a template for training anew is left alone, and so is an adapter
that is trained, or whose weights are set by `set_peft_model_state_dict`, `load_state_dict`, `load_adapter` or
by hand.

## Releases
All releases of peft; none warns.

## References
- https://github.com/huggingface/peft/issues/1802
- https://github.com/huggingface/peft/issues/1064
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls, imports
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.checkpoints import is_template, repeatable_path, weights_follow
from peftlint.semantics.events import AdapterAdded, ConfigCreated, Used
from peftlint.semantics.values import Constant, Value

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class AddAdapterFromPretrained(Rule):
    code = "PEFT101"
    name = "add-adapter-from-pretrained"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterAdded):
            bad = [event for event in site if self._is_bad(analysis, event)]
            if bad and analysis.must(site, bad[0], bad, self._origin(bad[0])):
                yield self._finding(analysis, bad[0])
                analysis.explain(*bad)

    def _is_bad(self, analysis: Analysis, event: AdapterAdded) -> bool:
        if event.expected_failure:
            return False
        if event.config is None:
            return _given_path(event) is not None
        if event.config.path is None or is_template(event.config):
            return False
        return not weights_follow(analysis, event, event.config.path, event.adapter)

    def _origin(self, event: AdapterAdded) -> ConfigCreated | None:
        origin = event.config.created if event.config is not None else None
        return origin if isinstance(origin, ConfigCreated) else None

    def _finding(self, analysis: Analysis, event: AdapterAdded) -> Diagnostic:
        origin = self._origin(event)
        adapter = words.adapter(event.adapter) if event.adapter is not None else "the adapter"
        if origin is None:
            given = words.path(event, _given_path(event))
            message = f"`add_adapter` takes a config, not the saved adapter {given}: the call fails and loads nothing"
            trace = []
        else:
            assert event.config is not None
            folder = words.path(origin, event.config.path, "pretrained_model_name_or_path")
            message = (
                f"{adapter} is created untrained from the config in {folder}: the weights saved there are not loaded,"
                " and the output stays the base model's"
            )
            trace = [analysis.step(f"only the settings of {folder} are read here", origin)]
            if origin.node is not event.node:
                trace.append(analysis.step(f"{adapter} is created untrained here", event))
        trace += [
            analysis.step(f"{words.receiver(used)} is used as if the weights were loaded", used)
            for used in list(analysis.later(event, Used))[:1]
            if event.network is not None
        ]
        help = "load the weights: `load_adapter(folder, adapter_name=...)`"
        return self.report(event, message, help, trace, self._fix(analysis, event, origin))

    def _fix(self, analysis: Analysis, event: AdapterAdded, origin: ConfigCreated | None) -> Fix | None:
        assert event.call is not None
        syntax, call = event.syntax, event.call
        config = "peft_config" if event.api == "peft" else "adapter_config"
        config_arg = call.nodes.get(config) or next(
            (arg for arg in call.node.args if origin is not None and arg.value is origin.node), None
        )
        if event.api == "diffusers" or call.open or config_arg is None:
            return None
        folder = syntax.text(config_arg.value) if origin is None else repeatable_path(analysis, origin, event)
        if folder is None:
            return None
        parameter = "model_id" if event.api == "peft" else "peft_model_id"
        texts = [calls.argument_source(syntax, arg) for arg in call.node.args if arg is not config_arg]
        if config_arg.keyword is None:
            texts.insert(0, folder)
        else:
            texts.insert(call.node.args.index(config_arg), f"{parameter}={folder}")
        edits = [
            *calls.rename_callee(syntax, call.node, "load_adapter"),
            *calls.set_arguments(syntax, call.node, texts),
        ]
        if origin is not None and origin.call is not None:
            edits += imports.remove_orphan_import(syntax, origin.call.callee.split(".")[1], edits)
        used = event.network is not None and any(u.inference for u in analysis.later(event, Used))
        applicability = Applicability.SAFE if used else Applicability.UNSAFE
        return make_fix(event, "Load the saved weights with `load_adapter`", applicability, edits)


def _given_path(event: AdapterAdded) -> Value | None:
    """The folder that was given where a config belongs."""
    if event.api not in ("peft", "transformers") or event.call is None:
        return None
    given = event.call.value("peft_config" if event.api == "peft" else "adapter_config")
    return given if isinstance(given, Constant) and isinstance(given.value, str) else None
