"""The libcst tree of a source, with positions computed only when somebody asks."""

from __future__ import annotations

import gc
import re
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Span
from peftlint.semantics.splicing import kept, parse
from peftlint.semantics.state import canonical_name
from peftlint.semantics.walk import children_of
from peftlint.sources.base import Source, SourceError
from peftlint.sources.parsing import syntax_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from peftlint.semantics.positions import Positions, Start
    from peftlint.semantics.relevance import Relevance


#: literals that libcst takes and Python may not: `"\\N{no such name}"`, a number of 5000 digits, `b"é"`
_MAY_HAVE_NO_VALUE = re.compile(r"\\[NxuU]|[0-9_]{4000}")
_BYTES = re.compile(r"[bB][rR]?['\"]")


class Syntax:
    """`source.code` parsed. Raises `SourceError` with the position in the code if it does not parse."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.code = source.code
        self.path = source.path
        #: names imported from other files of the project whose code mentions PEFT
        self.strong_names: frozenset[str] = frozenset()
        self._texts: dict[cst.CSTNode, str] = {}
        # the collector finds nothing to free while a tree is built; off, parsing takes a third less
        enabled = gc.isenabled()
        gc.disable()
        try:
            self._tree = kept(source.path, source.code)
            self.module = parse(source.code) if self._tree is None else self._tree.module
        except cst.ParserSyntaxError as error:
            raise SourceError(
                f"syntax error: {error.message}", error.editor_line, error.editor_column
            ) from None
        except RecursionError:
            raise SourceError("the code is nested too deeply to be read") from None
        except Exception as error:  # libcst's native parser raises bare exceptions on odd input
            raise SourceError(f"cannot be parsed: {error}") from None
        finally:
            if enabled:
                gc.enable()
        if _MAY_HAVE_NO_VALUE.search(self.code) or (not self.code.isascii() and _BYTES.search(self.code)):
            fault = syntax_fault(self.code)
            if fault is not None:
                raise SourceError(f"syntax error: {fault.message}", fault.line, fault.column)

    @cached_property
    def _positions(self) -> Positions:
        from peftlint.semantics.positions import Positions

        return Positions(self)

    @cached_property
    def _parents(self) -> Mapping[cst.CSTNode, cst.CSTNode]:
        if self._tree is None:
            return _parents_below([self.module])
        parents: dict[cst.CSTNode, cst.CSTNode] = dict.fromkeys(self.module.body, self.module)
        for piece in reversed(self._tree.pieces):  # in the order of the walk
            if not piece.parents:
                piece.parents.update(_parents_below(piece.statements))
            parents.update(piece.parents)
        return parents

    @cached_property
    def relevance(self) -> Relevance:
        """Which functions of the source can matter."""
        from peftlint.semantics.relevance import Relevance

        parts = self._tree.texts if self._tree is not None else ()
        return Relevance(self.code, self.module, self.strong_names, parts)

    @property
    def starts(self) -> Sequence[Start]:
        """The lines of the statements of the module, as the standard library's parser has them; empty if it cannot."""
        return self.relevance.starts

    def span(self, node: cst.CSTNode) -> Span:
        """Where the node stands in the code (without surrounding white space)."""
        return self._positions.span(node)

    @property
    def nodes(self) -> Iterable[cst.CSTNode]:
        """All nodes of the source."""
        return self._parents.keys()

    def every(self, *kinds: type[cst.CSTNode]) -> list[cst.CSTNode]:
        """All nodes of exactly these kinds, in no particular order."""
        return [node for kind in kinds for node in self._by_kind.get(kind, ())]

    @cached_property
    def _by_kind(self) -> Mapping[type[cst.CSTNode], list[cst.CSTNode]]:
        found: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        for node in self._parents:
            found.setdefault(type(node), []).append(node)
        return found

    def holds(self, node: cst.CSTNode) -> bool:
        """Is the node part of this source?"""
        return node in self._parents

    def is_parameter(self, node: cst.CSTNode) -> bool:
        """Does the expression begin with a parameter of the function around it (its object excepted)?"""
        root = node
        while isinstance(root, cst.Attribute):
            root = root.value
        current = self.parent(node)
        while current is not None and not isinstance(current, cst.FunctionDef):
            current = self.parent(current)
        if current is None or not isinstance(root, cst.Name):
            return False
        parameters = current.params
        named = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
        name = canonical_name(root.value)
        return name not in ("self", "cls") and name in [
            canonical_name(parameter.name.value) for parameter in named
        ]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement (line or compound) that the node belongs to."""
        current: cst.CSTNode | None = node
        while current is not None and not isinstance(
            current, cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.SimpleStatementSuite
        ):
            current = self.parent(current)
        return current if current is not None else self.module

    def text(self, node: cst.CSTNode) -> str:
        known = self._texts.get(node)
        if known is None:
            known = self._texts[node] = self.module.code_for_node(node)
        return known

    def context(self, node: cst.CSTNode) -> str:
        """Dotted name of the enclosing class and function, "" at module level."""
        names: list[str] = []
        current = self.parent(node)
        while current is not None:
            if isinstance(current, cst.FunctionDef | cst.ClassDef):
                names.append(current.name.value)
            current = self.parent(current)
        return ".".join(reversed(names))


def _parents_below(nodes: Sequence[cst.CSTNode]) -> dict[cst.CSTNode, cst.CSTNode]:
    parents: dict[cst.CSTNode, cst.CSTNode] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        for child in children_of(node):
            parents[child] = node
            pending.append(child)
    return parents
