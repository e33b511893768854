"""`target_modules` is spelt so that it matches nothing.

## What it does
Flags "all-linear" inside a list, a regular expression inside a list, several names joined by commas in one
string, and a list that was written as a string.

## Why is this bad?
A list holds names (or ends of names), a string is one regular expression that must match a whole name, and
"all-linear" is a string of its own. Spelt otherwise, no module is found: `ValueError: Target modules {...}
not found in the base model`.

## Example
```python
from peft import LoraConfig

every = LoraConfig(target_modules=["all-linear"])
some = LoraConfig(target_modules="q_proj,v_proj")
```

## Use instead
```python
from peft import LoraConfig

every = LoraConfig(target_modules="all-linear")
some = LoraConfig(target_modules=["q_proj", "v_proj"])
```

## Fix safety
Safe: the same modules in the form that is understood.

## When not to worry
Names with dots in a list, regular expressions as strings, and lists that are filled elsewhere.

## Releases
All releases; "all-linear" since peft 0.8.

## References
- https://github.com/huggingface/peft/issues/1206
- https://github.com/huggingface/trl/pull/1488
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import text
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import (
    argument_node,
    configs,
    literal_node,
    option_default,
    pieces,
    strings,
)
from peftlint.semantics.records import ListBox
from peftlint.semantics.values import Reference, Sequence, Symbol, Value
from peftlint.semantics.values import text as string

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import ConfigCreated

_REGEX = re.compile(r"[\\*+?^$|()\[\]]")


class TargetModulesSpelling(Rule):
    code = "PEFT206"
    name = "target-modules-spelling"
    fixes = (Applicability.SAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for event in configs(analysis):
            given = event.config.argument("target_modules")
            found = _misspelt(given) or _patterns(analysis, given) or _by_default(event)
            if found is None:
                continue
            message, better = found
            node = literal_node(event, "target_modules")
            edits = []
            if node is not None and better and event.syntax.text(node)[:1] in "[('\"rR":
                edits = text.replace(event.syntax, node, better)
            fix = make_fix(event, f"Write {better}", Applicability.SAFE, edits)
            help = (
                f"write `target_modules={better}`"
                if better
                else "give a list of module names, or one regular expression"
            )
            yield self.report(event, message, help, (), fix, argument_node(event, "target_modules"))


def _by_default(event: ConfigCreated) -> tuple[str, str] | None:
    """The default of an option of the command line, which is given as it is."""
    found = _misspelt(option_default(event, "target_modules"))
    return (f"the default of the option is given as it is: {found[0]}", "") if found is not None else None


def _patterns(analysis: Analysis, value: Value | None) -> tuple[str, str] | None:
    """A list of strings that are put together of pieces (`[rf"layers\\.{i}\\..*" for i in range(8)]`), some of a pattern."""
    box = analysis.interpreter.record_of(value) if isinstance(value, Reference) else None
    items = box.items if isinstance(box, ListBox) else value.items if isinstance(value, Sequence) else ()
    if isinstance(value, Symbol) and value.key.startswith("comprehension("):
        items = (value,)
    for piece in (piece for item in items for piece in pieces(item)):
        if _REGEX.search(piece):
            return f"a list holds names, not patterns: no module's name has {piece!r} in it", ""
    return None


def _misspelt(value: Value | None) -> tuple[str, str] | None:
    """What is wrong, and the right spelling ("" if it is not known)."""
    names = strings(value)
    if names is not None:
        if "all-linear" in names:
            message = "'all-linear' in a list is taken for a module's name, and no module is called so"
            return message, '"all-linear"' if len(names) == 1 else ""
        patterns = [name for name in names if _REGEX.search(name)]
        if patterns:
            message = f"a list holds names, not patterns: no module is called {patterns[0]!r}"
            return message, f'r"{patterns[0]}"' if len(names) == 1 and '"' not in patterns[0] else ""
        return None
    written = string(value)
    if written is None:
        return None
    if written.startswith("[") and written.rstrip().endswith("]"):
        try:
            inside = ast.literal_eval(written)
        except (SyntaxError, ValueError):
            inside = [part.strip() for part in written.strip("[] ").split(",")]
        quoted = ", ".join(f'"{name}"' for name in inside)
        return "a string is one regular expression, not a list: no module matches it", f"[{quoted}]"
    if re.fullmatch(r"[\w.]+(\s*,\s*[\w.]+)+", written):
        quoted = ", ".join(f'"{name.strip()}"' for name in written.split(","))
        return (
            "a string is one regular expression, not names joined by commas: no module matches it",
            f"[{quoted}]",
        )
    return None
