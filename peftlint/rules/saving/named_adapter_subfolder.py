"""An adapter with a name was saved into a subfolder, and is looked for in the folder above.

## What it does
Flags `from_pretrained` / `load_adapter` with the folder that a PeftModel was saved to, where the adapter has
a name other than "default". Another program that saves counts too if it lies in the same folder or package.

## Why is this bad?
`PeftModel.save_pretrained(folder)` puts an adapter that is not called "default" into `folder/NAME`. Loading
`folder` raises `ValueError: Can't find 'adapter_config.json'`; or, where an adapter called "default" was
saved along, loads that one instead of the active one (measured: other logits than the model that was saved).
`adapter_name=` does not choose the subfolder.

## Example
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
another = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(), adapter_name="sums")
Trainer(model=model, args=args, train_dataset=data).train()
model.save_pretrained("run1")
model = PeftModel.from_pretrained(another, "run1")
```

## Use instead
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
another = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig(), adapter_name="sums")
Trainer(model=model, args=args, train_dataset=data).train()
model.save_pretrained("run1")
model = PeftModel.from_pretrained(another, "run1/sums")
```

## Fix safety
Safe: the name of the adapter that was active when it was saved is added to the folder.

## When not to worry
The name "default", `selected_adapters=`, `subfolder=`, transformers' own `save_pretrained` (which saves
flat), files that are moved in between, folders from which the other adapters are loaded too.

## Releases
All releases.

## References
- https://github.com/huggingface/transformers/issues/28531
- https://github.com/huggingface/peft/issues/718
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import calls
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterLoaded, FilesChanged, Saved, Wrapped
from peftlint.semantics.values import Constant, Value, key_of, parts_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_DEFAULT = Constant("default")


class NamedAdapterSubfolder(Rule):
    code = "PEFT508"
    name = "named-adapter-subfolder"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Wrapped, AdapterLoaded):
            for load in site:
                save = self._saved_below(analysis, load)
                if save is None or analysis.explained(load):
                    continue
                yield self._finding(analysis, save, load)
                analysis.explain(load)
                break

    def _saved_below(self, analysis: Analysis, load: Wrapped | AdapterLoaded) -> Saved | None:
        """The save that put the wanted adapter into a subfolder of what is loaded."""
        if load.path is None or load.call is None or load.expected_failure or load.handled or load.call.open:
            return None
        if isinstance(load, Wrapped) and load.how != "checkpoint":
            return None
        given = {**load.call.arguments, **load.call.unknown}
        if "subfolder" in given or (isinstance(load, AdapterLoaded) and load.api != "peft"):
            return None
        if any(self._below(other.path, load.path) for other in analysis.all(Wrapped, AdapterLoaded)):
            return None
        if any(
            changed.may_touch(load.path) and load.after(changed) for changed in analysis.all(FilesChanged)
        ):
            return None
        saves = [save for save in analysis.all(Saved) if save.path == load.path]
        if not saves:
            return self._saved_elsewhere(analysis, load.path)
        last = next((save for save in reversed(saves) if load.after(save)), None)
        if last is None or not analysis.certain(load, last) or not self._named(last):
            return None
        return last

    def _saved_elsewhere(self, analysis: Analysis, folder: Value) -> Saved | None:
        """The save in another program of the project, if all that is saved into the folder there goes below it."""
        saves: list[Saved] = []
        for other in analysis.elsewhere(folder):
            if any(changed.may_touch(folder) for changed in other.all(FilesChanged)):
                return None
            saves += [save for save in other.all(Saved) if save.path == folder]
        return saves[-1] if saves and all(self._named(save) for save in saves) else None

    def _named(self, save: Saved) -> bool:
        """Does this save put the active adapter into a subfolder?"""
        network = save.before
        if (
            network is None
            or network.uncertain
            or not network.closed
            or save.through != "peft"
            or save.spent is not None
        ):
            return False
        if save.how not in ("save_pretrained", "trainer") or save.call is None or save.call.open:
            return False
        if save.call.value("selected_adapters") is not None or not network.adapters or network.active is None:
            return False
        names = [adapter.name for adapter in network.adapters]
        if not all(isinstance(name, Constant) for name in names):
            return False
        return _DEFAULT not in network.active

    def _below(self, path: Value | None, folder: Value) -> bool:
        return (
            path is not None
            and path != folder
            and (_inside(path, folder) or key_of(folder) in parts_of(path))
        )

    def _finding(self, analysis: Analysis, save: Saved, load: Wrapped | AdapterLoaded) -> Diagnostic:
        assert save.before is not None and save.before.active is not None
        names = [adapter.name for adapter in save.before.adapters]
        folder = words.path(load, load.path, "model_id", "pretrained_model_name_or_path")
        active = words.listed(save.before.active)
        outcome = (
            "adapter 'default' is loaded instead"
            if _DEFAULT in names
            else "there is none in the folder itself, and loading fails"
        )
        trace = [
            analysis.step(f"adapter {active} is saved into a subfolder of its name here", save),
            analysis.step("the folder above is loaded here", load),
        ]
        message = f"adapter {active} was saved into a subfolder of {folder}: {outcome}"
        help = "load the subfolder that has the adapter's name"
        return self.report(load, message, help, trace, self._fix(save, load))

    def _fix(self, save: Saved, load: Wrapped | AdapterLoaded) -> Fix | None:
        call, active = load.call, save.before.active if save.before is not None else None
        node = (
            call.nodes.get("model_id") or call.nodes.get("pretrained_model_name_or_path")
            if call is not None
            else None
        )
        if (
            call is None
            or node is None
            or active is None
            or len(active) != 1
            or not isinstance(active[0], Constant)
        ):
            return None
        name, value = str(active[0].value), node.value
        text = load.syntax.text(value)
        if isinstance(value, cst.SimpleString) and text[0] in "\"'" and text[:3] not in ('"""', "'" * 3):
            new = f"{text[:-1].rstrip('/')}/{name}{text[-1]}"
        elif isinstance(value, cst.Name | cst.Attribute):
            new = f'f"{{{text}}}/{name}"'
        else:
            return None
        edits = calls.replace_value(load.syntax, node, new)
        return make_fix(load, "Load the adapter's own folder", Applicability.SAFE, edits)


def _inside(path: Value, folder: Value) -> bool:
    texts = [
        v.value if isinstance(v, Constant) and isinstance(v.value, str) else None for v in (path, folder)
    ]
    return texts[0] is not None and texts[1] is not None and texts[0].startswith(texts[1].rstrip("/") + "/")
