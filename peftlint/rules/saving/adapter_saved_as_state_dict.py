"""The whole state dict is saved under an adapter's file name: `from_pretrained` cannot load it.

## What it does
Flags `torch.save(model.state_dict(), ".../adapter_model.bin")` (and safetensors' `save_file`) of a PeftModel,
where `from_pretrained` or `load_adapter` reads the folder later, or (for peft before 0.21) the adapter's config
is saved into the same folder. Another program counts too that lies in the same folder or package.

## Why is this bad?
A state dict is no adapter. There is no adapter_config.json, and loading raises `ValueError: Can't find
'adapter_config.json'` (measured). With a config beside it, peft up to 0.20 finds none of its names
(`lora_A.default.weight`) and gives the base model, with a warning at most.

## Example
```python
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
another = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
Trainer(model=model, args=args, train_dataset=data).train()
torch.save(model.state_dict(), os.path.join(folder, "adapter_model.bin"))
model = PeftModel.from_pretrained(another, folder)
```

## Use instead
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("base")
another = AutoModelForCausalLM.from_pretrained("base")
model = get_peft_model(base, LoraConfig())
Trainer(model=model, args=args, train_dataset=data).train()
model.save_pretrained(folder)
model = PeftModel.from_pretrained(another, folder)
```

## Fix safety
Unsafe: the file is replaced by `save_pretrained`, where the folder is written as `os.path.join(folder, ...)`.

## When not to worry
Checkpoints that are loaded by `load_state_dict`, `get_peft_model_state_dict(model)` with a config beside it,
peft 0.21 with a config beside it.

## Releases
All without a config; with one, peft before 0.21.

## References
- https://github.com/huggingface/peft/issues/309
- https://github.com/huggingface/peft/issues/420
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import AdapterLoaded, FilesChanged, Saved, Wrapped
from peftlint.semantics.values import Constant, Symbol, Value, key_of, parts_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event

_FILES = ("adapter_model.bin", "adapter_model.safetensors")


class AdapterSavedAsStateDict(Rule):
    code = "PEFT507"
    name = "adapter-saved-as-state-dict"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Saved):
            for event in site:
                load = self._loaded_from(analysis, event)
                if load is None or analysis.explained(event):
                    continue
                trace = [
                    analysis.step("the whole state dict is saved here", event),
                    analysis.step(
                        "an adapter's config is put beside it here"
                        if isinstance(load, Saved)
                        else "an adapter is looked for in the folder here",
                        load,
                    ),
                ]
                file = words.path(event, event.path, "f")
                message = f"{file} is a state dict, not an adapter: `from_pretrained` fails, or finds no weights in it"
                yield self.report(
                    event, message, "save the adapter with `save_pretrained(folder)`", trace, self._fix(event)
                )
                analysis.explain(event)
                break

    def _loaded_from(self, analysis: Analysis, event: Saved) -> Event | None:
        """What reads the folder of the file as an adapter."""
        network, path = event.before, event.path
        if network is None or event.through != "state_dict:model" or path is None or event.expected_failure:
            return None
        if not network.adapters or not network.wrappers or network.uncertain:
            return None
        load: Wrapped | AdapterLoaded
        for load in analysis.all(Wrapped, AdapterLoaded):
            if load.path is None or not load.after(event) or not _lies_in(path, load.path):
                continue
            if load.handled or load.expected_failure or not analysis.certain(load, event):
                continue
            if any(load.after(each) and each.may_touch(load.path) for each in analysis.all(FilesChanged)):
                continue
            saves = [save for save in analysis.all(Saved) if save.path == load.path and load.after(save)]
            if self._are_no_adapter(analysis, saves):
                return load
        return self._beside_a_config(analysis, event) or self._loaded_elsewhere(analysis, path)

    def _are_no_adapter(self, analysis: Analysis, saves: list[Saved]) -> bool:
        """Do these saves into the folder leave it without an adapter that can be loaded?"""
        return not saves or (
            analysis.targets.peft.every("<0.21") and all(save.how == "config" for save in saves)
        )

    def _loaded_elsewhere(self, analysis: Analysis, path: Value) -> Event | None:
        """What reads the folder as an adapter in another program of the project, where nobody saves one into it."""
        for folder in _folders(path):
            programs = [analysis, *analysis.elsewhere(folder)]
            if any(each.may_touch(folder) for other in programs for each in other.all(FilesChanged)):
                continue
            saves = [save for other in programs for save in other.all(Saved) if _same(save.path, folder)]
            if not self._are_no_adapter(analysis, saves):
                continue
            for other in programs[1:]:
                for load in other.all(Wrapped, AdapterLoaded):
                    if _same(load.path, folder) and not (
                        load.handled or load.expected_failure or load.guards
                    ):
                        return load  # type: ignore[no-any-return]
        return None

    def _beside_a_config(self, analysis: Analysis, event: Saved) -> Event | None:
        """An adapter's config written into the same folder says that the file is to be loaded as an adapter."""
        if not analysis.targets.peft.every("<0.21"):
            return None
        for save in analysis.all(Saved):
            beside = save.how == "config" and save.path is not None and event.path is not None
            if beside and _lies_in(event.path, save.path) and analysis.certain(event, save):  # type: ignore[arg-type]
                return save
        return None

    def _fix(self, event: Saved) -> Fix | None:
        call, syntax = event.call, event.syntax
        if call is None:
            return None
        model, path = call.nodes.get("obj"), call.nodes.get("f")
        match model and model.value, path and path.value:
            case (
                cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value="state_dict")), args=[]),
                cst.Call(
                    func=cst.Attribute(attr=cst.Name(value="join")),
                    args=[folder, cst.Arg(value=cst.SimpleString())],
                ),
            ):
                new = f"{text.source_of(syntax, receiver)}.save_pretrained({text.source_of(syntax, folder.value)})"
                edits = text.replace(syntax, call.node, new)
                return make_fix(event, "Save the adapter", Applicability.UNSAFE, edits)
        return None


def _folders(path: Value) -> list[Value]:
    """The folder of an adapter's file, as far as another program can be seen to speak of the same."""
    if isinstance(path, Constant):
        folder, _, name = str(path.value).rpartition("/")
        return [Constant(folder)] if name in _FILES and folder else []
    if not any(repr(name) in parts_of(path) for name in _FILES):
        return []
    return [Symbol(part) for part in sorted(parts_of(path)) if part != key_of(path)]


def _same(path: Value | None, folder: Value) -> bool:
    return path is not None and key_of(path) == key_of(folder)


def _lies_in(path: Value, folder: Value) -> bool:
    """Is the path that of an adapter's weights in the folder?"""
    if isinstance(path, Constant) and isinstance(folder, Constant):
        where = str(folder.value).rstrip("/")
        return any(str(path.value) == f"{where}/{name}" for name in _FILES)
    return any(repr(name) in parts_of(path) for name in _FILES) and key_of(folder) in parts_of(path)
