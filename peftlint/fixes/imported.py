"""What the imports of a program bind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node

from peftlint.fixes.text import Syntax
from peftlint.semantics.walk import children_of


@dataclass(frozen=True)
class Imported:
    """One name that an import binds. `module` is "" for `import a.b`, whose `name` is then "a.b"."""

    statement: cst.Import | cst.ImportFrom
    item: cst.ImportAlias
    module: str
    name: str
    alias: str | None

    @property
    def bound(self) -> str:
        """The local name."""
        return self.alias or (self.name if self.module else self.name.split(".")[0])

    @property
    def target(self) -> str:
        """The dotted name of what is imported, "peft.PeftModel"."""
        return f"{self.module}.{self.name}" if self.module else self.name


def imports_of(syntax: Syntax) -> Iterator[Imported]:
    """Every name that the code imports, in order of appearance; `from m import *` is left out."""
    pending: list[cst.CSTNode] = [syntax.module]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Import | cst.ImportFrom):
            yield from names_of(node)
        elif not isinstance(node, cst.BaseExpression):
            pending.extend(reversed(children_of(node)))


def names_of(statement: cst.Import | cst.ImportFrom) -> Iterator[Imported]:
    """The names that one statement binds; none for `from m import *`."""
    if isinstance(statement.names, cst.ImportStar):
        return
    module = ""
    if isinstance(statement, cst.ImportFrom):
        module = "." * len(statement.relative)
        if statement.module is not None:
            module += get_full_name_for_node(statement.module) or ""
    for item in statement.names:
        yield Imported(statement, item, module, item.evaluated_name, item.evaluated_alias)
