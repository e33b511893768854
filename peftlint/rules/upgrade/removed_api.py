"""A name, method or keyword is used that the release in use no longer has (or has not yet).

## What it does
Flags imports, methods and keywords of peft, transformers, diffusers and trl that exist in no release in use,
but did in others: `prepare_model_for_int8_training`, `BoneConfig`, `evaluation_strategy=`,
`Trainer(tokenizer=)`, `load_in_8bit=` ...

## Why is this bad?
The run ends with `ImportError: cannot import name 'prepare_model_for_int8_training' from 'peft'`, or with a
`TypeError` about an unexpected keyword argument.

## Example
```python
from peft import prepare_model_for_int8_training
args = TrainingArguments("out", evaluation_strategy="epoch")
```

## Use instead
```python
from peft import prepare_model_for_kbit_training
args = TrainingArguments("out", eval_strategy="epoch")
```

## Fix safety
Safe where the new name does the same: import, uses and keywords are renamed together. `load_in_8bit=` becomes
a `BitsAndBytesConfig`, or nothing where it is false (unsafe). Display only where the successor differs.

## When not to worry
Imports in `try: ... except ImportError`, and code under a condition on the release or on `hasattr`, are left
alone. Names that no known release has are left alone as well.

## Releases
Those in use: of `--target-peft` and the like, or as the project's requirements say, else the newest.

## References
- https://github.com/huggingface/peft/issues/1583
- https://github.com/huggingface/peft/issues/2319
- https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.interface.receivers import is_library_model, may_be_another
from peftlint.rules.releases import caught, described, guarded, patches_trainers, signatures, uses_adapters
from peftlint.rules.upgrade import lifetimes
from peftlint.rules.upgrade.renaming import change_keyword, imported_path, rename_attribute, rename_import
from peftlint.rules.upgrade.replacements import CONSTRUCTORS, FROM_PRETRAINED, METHODS, NAMES, Keyword, Name
from peftlint.semantics.events import (
    Event,
    FunctionCalled,
    MethodCalled,
    ModelCreated,
    NameImported,
    NameUsed,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class RemovedApi(Rule):
    code = "PEFT901"
    name = "removed-api"
    fixes = (Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        if not uses_adapters(analysis):
            return
        for imported in analysis.sites(NameImported):
            yield from self._name(analysis, imported[0], imported_path(imported[0].syntax, imported[0].node))
        for used in analysis.sites(NameUsed):
            yield from self._name(analysis, used[0], used[0].path)
        for called in analysis.sites(FunctionCalled):
            yield from self._constructor(analysis, called[0])
        for made in analysis.sites(ModelCreated):
            yield from self._from_pretrained(analysis, made[0])
        for method in analysis.sites(MethodCalled):
            if not may_be_another(analysis, method):
                yield from self._method(analysis, method[0])

    def _name(self, analysis: Analysis, event: Event, path: str) -> Iterator[Diagnostic]:
        lived = lifetimes.absent(analysis, path)
        if (
            lived is None
            or guarded(event)
            or caught(event, "ImportError", "ModuleNotFoundError", "AttributeError")
        ):
            return
        package, last = path.partition(".")[0], path.rpartition(".")[2]
        new = NAMES.get(lifetimes.canonical(path))
        module, top = path.rpartition(".")[0], f"{package}.{last}"
        moved = module != package and lifetimes.everywhere(analysis, top)
        if moved and isinstance(event, NameImported):
            new = Name(top, Applicability.SAFE)
        where = f" in `{module}`" if moved else ""
        message = f"{described(analysis, package)} has no `{last}`{where} ({lived}): the program fails here"
        if new is None or not new.new:
            yield self.report(
                event, message, new.note if new else "see the release notes for what takes its place"
            )
            return
        help = f"use `{new.new if moved else new.new.rpartition('.')[2]}`" + (
            f"; {new.note}" if new.note else ""
        )
        yield self.report(event, message, help, (), self._renamed(analysis, event, path, new))

    def _renamed(self, analysis: Analysis, event: Event, path: str, new: Name) -> Fix | None:
        if not lifetimes.everywhere(analysis, new.new):
            return None
        if isinstance(event.node, cst.Attribute):
            edits = rename_attribute(event.syntax, event.node, path, new)
        else:
            edits = rename_import(event.syntax, event.node, new)
        return make_fix(event, f"Use `{new.new}`", new.how, edits)

    def _constructor(self, analysis: Analysis, event: FunctionCalled) -> Iterator[Diagnostic]:
        if (
            event.callee.startswith("peft.")
            or event.call is None
            or guarded(event)
            or caught(event, "TypeError")
        ):
            return
        known = [name for name in (*event.call.unknown, *event.call.arguments) if name in CONSTRUCTORS]
        found = signatures(analysis, event.callee) if known and not patches_trainers(analysis) else []
        for name in known:
            if (
                not found
                or any(s.has_kwargs or s.names(name) for s in found)
                or not lifetimes.had(event.callee, name)
            ):
                continue
            new = CONSTRUCTORS[name]
            there = not new.new or all(s.names(new.new) for s in found)
            yield from self._keyword(analysis, event, event.callee, name, new if there else None)

    def _from_pretrained(self, analysis: Analysis, event: ModelCreated) -> Iterator[Diagnostic]:
        call = event.call
        if (
            call is None
            or not call.callee.startswith("transformers.")
            or not call.callee.endswith(".from_pretrained")
        ):
            return
        for name in call.unknown:
            new = FROM_PRETRAINED.get(name)
            if new is None or new.gone is None or not analysis.targets.transformers.every(f">={new.gone}"):
                continue
            if not guarded(event) and not caught(event, "TypeError"):
                yield from self._keyword(analysis, event, call.callee, name, new)

    def _keyword(
        self, analysis: Analysis, event: Event, callee: str, name: str, new: Keyword | None
    ) -> Iterator[Diagnostic]:
        assert event.call is not None
        arg = event.call.nodes.get(name)
        if arg is None or arg.keyword is None:
            return
        short = callee.removesuffix(".from_pretrained").rpartition(".")[2]
        method = ".from_pretrained" if callee.endswith(".from_pretrained") else ""
        message = f"`{short}{method}` of {described(analysis, callee.partition('.')[0])} takes no `{name}`: the call fails"
        fix = None
        help = "see the release notes for what takes its place"
        if new is not None:
            help = f"use `{new.new}`" if new.new else new.note
            edits = change_keyword(event.syntax, event.call.node, name, new)
            fix = make_fix(event, help[:1].upper() + help[1:], new.how, edits) if edits else None
        yield self.report(event, message, help, (), fix, arg)

    def _method(self, analysis: Analysis, event: MethodCalled) -> Iterator[Diagnostic]:
        entry = METHODS.get((event.kind, event.method))
        if entry is None or event.call is None or guarded(event) or caught(event, "AttributeError"):
            return
        method, suffix, package, _ = entry
        lived = lifetimes.absent(analysis, f"transformers.PreTrainedModel.{event.method}")
        if lived is None or not is_library_model(analysis, event):
            return
        message = (
            f"models of {described(analysis, package)} have no `{event.method}` ({lived}): the call fails"
        )
        written = f"{event.syntax.text(event.call.node.func.value)}.{method}(){suffix}"  # type: ignore[attr-defined]
        edits = text.replace(event.syntax, event.call.node, written)
        fix = make_fix(event, f"Use `{method}`", Applicability.SAFE, edits)
        yield self.report(event, message, f"use `{method}(){suffix}`", (), fix)
