"""A name or keyword is used that the release in use warns about.

## What it does
Flags what peft, transformers and diffusers themselves call deprecated in the releases in use, in code that
uses adapters: `torch_dtype=`, `gradient_checkpointing_enable()`, `fuse_lora(fuse_unet=)`, `active_adapter()`
...

## Why is this bad?
It still works; the library warns, and a later release drops it. Then the run fails (PEFT901).

## Example
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained(path, torch_dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "adapters/math")
```

## Use instead
```python
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "adapters/math")
```

## Fix safety
Safe: the new name does the same in every release in use.

## When not to worry
What is not about adapters (`torch_dtype=`, `gradient_checkpointing_enable()`) is reported only with `--strict`, where this
rule is selected, or with `--target-...` on the command line: nothing goes wrong yet.
Projects that have to run with releases before the new name: declare the range, and nothing is said.

## Releases
Only where every release in use warns: `torch_dtype` since transformers 4.56, `gradient_checkpointing_enable`
since 5.23.

## References
- https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Severity
from peftlint.fixes import calls, text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.interface.receivers import is_own_class, may_be_another
from peftlint.rules.releases import caught, described, guarded, uses_adapters
from peftlint.rules.upgrade import lifetimes
from peftlint.rules.upgrade.renaming import change_keyword, imported_path, rename_attribute, rename_import
from peftlint.rules.upgrade.replacements import DEPRECATED_NAMES, FROM_PRETRAINED, METHODS, NAMES
from peftlint.semantics.events import Event, MethodCalled, ModelCreated, NameImported, NameUsed

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


_NOT_ABOUT_ADAPTERS = ("gradient_checkpointing_enable", "gradient_checkpointing_disable")


class DeprecatedApi(Rule):
    code = "PEFT902"
    name = "deprecated-api"
    severity = Severity.INFO
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        if not uses_adapters(analysis):
            return
        for imported in analysis.sites(NameImported):
            event = imported[0]
            yield from self._name(analysis, event, imported_path(event.syntax, event.node))
        for used in analysis.sites(NameUsed):
            yield from self._name(analysis, used[0], used[0].path)
        for made in analysis.sites(ModelCreated):
            yield from self._keyword(analysis, made[0])
        for called in analysis.sites(MethodCalled):
            if not may_be_another(analysis, called):
                yield from self._method(analysis, called[0])

    def _name(self, analysis: Analysis, event: Event, path: str) -> Iterator[Diagnostic]:
        """A name that is imported, or reached by its module (`peft.name`)."""
        spec, new = DEPRECATED_NAMES.get(path), NAMES.get(path)
        if spec is None or new is None or guarded(event) or caught(event, "ImportError", "AttributeError"):
            return
        if not analysis.targets.peft.every(spec) or not lifetimes.everywhere(analysis, new.new):
            return
        if isinstance(event.node, cst.Attribute):
            edits = rename_attribute(event.syntax, event.node, path, new)
        else:
            edits = rename_import(event.syntax, event.node, new)
        yield self._finding(analysis, event, "peft", path.rpartition(".")[2], new.new, edits)

    def _keyword(self, analysis: Analysis, event: ModelCreated) -> Iterator[Diagnostic]:
        call = event.call
        if (
            call is None
            or not call.callee.startswith("transformers.")
            or guarded(event)
            or caught(event, "TypeError")
        ):
            return
        for name, new in FROM_PRETRAINED.items():
            arg = calls.keyword(call.node, name)
            if (
                arg is not None
                and new.deprecated
                and self.code in analysis.asked_for
                and analysis.targets.transformers.every(f">={new.deprecated}")
            ):
                edits = change_keyword(event.syntax, call.node, name, new) or []
                yield self._finding(analysis, event, "transformers", f"{name}=", f"{new.new}=", edits, arg)

    def _method(self, analysis: Analysis, event: MethodCalled) -> Iterator[Diagnostic]:
        call = event.call
        if call is None or guarded(event) or caught(event, "AttributeError") or is_own_class(analysis, event):
            return
        if event.kind == "pipeline" and event.method == "fuse_lora":
            yield from self._fuse(analysis, event)
            return
        kinds = (event.kind, "model") if event.kind in ("transformers", "peft") else (event.kind,)
        for kind in kinds:
            entry = METHODS.get((kind, event.method))
            if entry is None or not analysis.targets.of(entry[2]).every(entry[3]):
                continue
            if event.method in _NOT_ABOUT_ADAPTERS and self.code not in analysis.asked_for:
                continue
            method, suffix, package, _ = entry
            edits = calls.rename_callee(event.syntax, call.node, method)
            if suffix:
                written = f"{event.syntax.text(call.node.func.value)}.{method}(){suffix}"  # type: ignore[attr-defined]
                edits = text.replace(event.syntax, call.node, written)
            elif call.node.args:
                edits = []  # its keywords have other names as well
            yield self._finding(analysis, event, package, f"{event.method}()", f"{method}(){suffix}", edits)

    def _fuse(self, analysis: Analysis, event: MethodCalled) -> Iterator[Diagnostic]:
        """`fuse_unet=True, fuse_text_encoder=False` are ignored since diffusers 0.30: `components` says which."""
        assert event.call is not None
        old = {"fuse_unet": "unet", "fuse_text_encoder": "text_encoder", "fuse_transformer": "transformer"}
        args = [arg for arg in event.call.node.args if arg.keyword is not None and arg.keyword.value in old]
        if (
            not args
            or not analysis.targets.diffusers.every(">=0.30")
            or calls.keyword(event.call.node, "components")
        ):
            return
        on = [arg for arg in args if isinstance(arg.value, cst.Name) and arg.value.value == "True"]
        names = ", ".join(f'"{old[arg.keyword.value]}"' for arg in on if arg.keyword is not None)
        others = [calls.argument_source(event.syntax, arg) for arg in event.call.node.args if arg not in args]
        edits = (
            calls.set_arguments(event.syntax, event.call.node, [f"components=[{names}]", *others])
            if on
            else []
        )
        written = ", ".join(f"{arg.keyword.value}=" for arg in args if arg.keyword is not None)
        yield self._finding(analysis, event, "diffusers", written, f"components=[{names}]", edits)

    def _finding(
        self,
        analysis: Analysis,
        event: Event,
        package: str,
        old: str,
        new: str,
        edits: list[Edit],
        node: cst.CSTNode | None = None,
    ) -> Diagnostic:
        message = f"`{old}` is deprecated in {described(analysis, package)}"
        fix = make_fix(event, f"Use `{new}`", Applicability.SAFE, edits)
        return self.report(event, message, f"use `{new}`", (), fix, node)
