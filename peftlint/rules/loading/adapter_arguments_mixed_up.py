"""The arguments of add_adapter, load_adapter or from_pretrained are in the order of the other library's method.

## What it does
Flags `PeftModel.add_adapter(config, name)` (the name comes first there), transformers' `add_adapter(name,
config)` (the config comes first there), `load_adapter(name, folder)`, and `PeftModel.from_pretrained(folder,
base)`.

## Why is this bad?
All of these raise, with messages that do not say what is wrong: `TypeError: unhashable type: 'LoraConfig'`,
`AttributeError: 'str' object has no attribute 'peft_type'`, `Can't find 'adapter_config.json' at 'math'`.

## Example
```python
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/code")
model.add_adapter(LoraConfig(r=8), "math")
```

## Use instead
```python
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/code")
model.add_adapter("math", LoraConfig(r=8))
```

## Fix safety
Safe: the two arguments change places.

## When not to worry
Receivers that are not known to be a PeftModel or a transformers model are left alone.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/1064
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterAdded, AdapterLoaded, Event, FunctionCalled
from peftlint.semantics.records import Config, Network, Wrapper
from peftlint.semantics.values import Constant, Value, text

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.analysis import Analysis


class AdapterArgumentsMixedUp(Rule):
    code = "PEFT108"
    name = "adapter-arguments-mixed-up"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterAdded, AdapterLoaded, FunctionCalled):
            if all(self._config_for_folder(analysis, event) for event in site):
                yield self._loaded_by_config(analysis, site[0])
                continue
            found = [self._swapped(analysis, event) for event in site]
            if not all(found) or analysis.explained(site[0]):
                continue
            message, first, second = found[0]  # type: ignore[misc]
            event = site[0]
            fix = self._fix(event, first, second)
            yield self.report(event, message, "let the two arguments change places", (), fix)
            analysis.explain(event)

    def _config_for_folder(self, analysis: Analysis, event: Event) -> bool:
        """`PeftModel.from_pretrained(base, PeftConfig.from_pretrained(d))`: the folder is wanted, not its config."""
        call = event.call
        if call is None or event.expected_failure or event.handled or not isinstance(event, FunctionCalled):
            return False
        if not (event.callee.startswith("peft.PeftM") and event.callee.endswith("from_pretrained")):
            return False
        return self._is(analysis, call.value("model_id"), Config)

    def _loaded_by_config(self, analysis: Analysis, event: Event) -> Diagnostic:
        assert event.call is not None
        given = event.call.nodes.get("model_id")
        message = "`PeftModel.from_pretrained` takes the adapter's folder, not its config: the call fails"
        analysis.explain(event)
        return self.report(event, message, "give the folder that the config was read from", node=given)

    def _swapped(self, analysis: Analysis, event: Event) -> tuple[str, str, str] | None:
        """What to say, and the two parameters whose arguments are swapped."""
        if event.call is None or event.expected_failure or event.call.open:
            return None
        match event:
            case AdapterAdded(api="peft"):
                if self._is(analysis, event.call.value("adapter_name"), Config):
                    message = "`PeftModel.add_adapter` takes the adapter's name first, then the config: the call fails"
                    return message, "adapter_name", "peft_config"
            case AdapterAdded(api="transformers" | "diffusers"):
                name = event.call.value("adapter_name")
                if self._is(analysis, name, Config):
                    message = (
                        "transformers' `add_adapter` takes the config first, then the name: the call fails"
                    )
                    return message, "adapter_config", "adapter_name"
            case AdapterLoaded(api="peft"):
                return self._load(event.call.value("model_id"), event.call.value("adapter_name"), "model_id")
            case AdapterLoaded(api="transformers"):
                return self._load(
                    event.call.value("peft_model_id"), event.call.value("adapter_name"), "peft_model_id"
                )
            case FunctionCalled(callee=callee) if callee.startswith("peft.PeftM") and callee.endswith(
                "from_pretrained"
            ):
                model, folder = event.call.value("model"), event.call.value("model_id")
                if self._is(analysis, folder, (Network, Wrapper)) and not self._is(
                    analysis, model, (Network, Wrapper)
                ):
                    message = "`PeftModel.from_pretrained` takes the base model first, then the adapter: the call fails"
                    return message, "model", "model_id"
        return None

    def _load(self, folder: Value | None, name: Value | None, parameter: str) -> tuple[str, str, str] | None:
        first, second = text(folder), text(name)
        if first is None or second is None or "/" not in second or "/" in first or "." in first:
            return None
        message = f"`load_adapter` takes the folder first, then the name: there is no adapter in {first!r}"
        return message, parameter, "adapter_name"

    def _is(self, analysis: Analysis, value: Value | None, kind: type | tuple[type, ...]) -> bool:
        record = analysis.interpreter.record_of(value)
        return isinstance(record, kind)

    def _fix(self, event: Event, first: str, second: str) -> Fix | None:
        assert event.call is not None
        one, other = event.call.nodes.get(first), event.call.nodes.get(second)
        if one is None or other is None:
            return None
        syntax = event.syntax

        def argument(arg: cst.Arg, value: cst.Arg) -> str:
            prefix = f"{arg.keyword.value}=" if arg.keyword is not None else ""
            return prefix + syntax.text(value.value)

        swapped = {id(one): argument(one, other), id(other): argument(other, one)}
        texts = [swapped.get(id(arg)) or calls.argument_source(syntax, arg) for arg in event.call.node.args]
        edits = calls.set_arguments(syntax, event.call.node, texts)
        return make_fix(event, "Let the arguments change places", Applicability.SAFE, edits)


__all__ = ["AdapterArgumentsMixedUp", "Constant"]
