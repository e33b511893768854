"""What the tests of the codemods share: a program, a node of it, and the text after the edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import libcst as cst
import pytest

from peftlint.diagnostics import Edit
from peftlint.fixes.edits import apply_edits
from peftlint.semantics.syntax import Syntax
from peftlint.sources import read


@dataclass
class Written:
    """A Python program as a file, and what is found in it."""

    syntax: Syntax

    def find(self, text: str, kind: type[cst.CSTNode] = cst.CSTNode) -> cst.CSTNode:
        """The outermost node of this kind that is written exactly so."""
        pending: list[cst.CSTNode] = [self.syntax.module]
        while pending:
            node = pending.pop(0)
            if isinstance(node, kind) and not isinstance(node, cst.Module):
                try:
                    span = self.syntax.span(node)
                except KeyError:
                    span = None
                if span is not None and self._text(span) == text:
                    return node
            pending.extend(node.children)
        raise AssertionError(f"no {kind.__name__} {text!r}")

    def call(self, text: str) -> cst.Call:
        """The first call of a function that is written so."""
        node = self.find(text)
        parent = self.syntax.parent(node)
        assert isinstance(parent, cst.Call)
        return parent

    def _text(self, span: object) -> str:
        from peftlint.fixes.text import span_offsets

        start, end = span_offsets(self.syntax.code, span)  # type: ignore[arg-type]
        return self.syntax.code[start:end]

    def after(self, edits: Iterable[Edit]) -> str:
        """The code after the edits, which has to parse."""
        code = apply_edits(self.syntax.code, edits)
        cst.parse_module(code)
        return code


@pytest.fixture
def written() -> Callable[[str], Written]:
    def write(code: str, path: str = "program.py") -> Written:
        return Written(Syntax(read(path, code.encode(), kind="python").sources[0]))  # type: ignore[arg-type]

    return write
