"""Quick ways through a libcst tree: `children` of libcst visits each node anew and is ten times slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from operator import attrgetter
from typing import Any, Literal, get_args, get_origin

import libcst as cst

#: fields that hold white space, comments and punctuation only
_LAYOUT = frozenset(
    """lpar rpar lbracket rbracket lbrace rbrace comma semicolon colon first_colon second_colon equal dot newline
    comment leading_lines lines_after_decorators header footer leading_whitespace trailing_whitespace""".split()
)


class _Getters(dict[type, Callable[[Any], tuple[Any, ...]] | None]):
    """How to get what a node of a kind may hold; None for kinds that hold no other nodes (names, numbers, operators)."""

    def __missing__(self, kind: type) -> Callable[[Any], tuple[Any, ...]] | None:
        names = [
            field.name
            for field in fields(kind)
            if field.name not in _LAYOUT and not field.name.startswith("whitespace") and not _is_text(field)
        ]
        getter: Callable[[Any], Any] | None = None
        if len(names) > 1:
            getter = attrgetter(*names)
        elif names:
            single = attrgetter(names[0])

            def getter(node: Any) -> tuple[Any, ...]:
                return (single(node),)

        self[kind] = getter
        return getter


def _is_text(field: Field[Any]) -> bool:
    """Is what the field holds never a node, but a string?"""
    return field.type is str or (
        get_origin(field.type) is Literal and all(isinstance(each, str) for each in get_args(field.type))
    )


class _Kinds(dict[type, int]):
    """What a field holds: 0 no node, 1 a node, 2 several."""

    def __missing__(self, kind: type) -> int:
        self[kind] = 2 if kind in (list, tuple) else int(issubclass(kind, cst.CSTNode))
        return self[kind]


_GETTERS = _Getters()
_KINDS = _Kinds()


def children_of(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes directly below, without those of the layout (white space, brackets, commas, comments).

    They come in the order of the fields, which is not always that of the text.
    """
    getter = _GETTERS[type(node)]
    if getter is None:
        return []
    found: list[cst.CSTNode] = []
    for value in getter(node):
        kind = _KINDS[type(value)]
        if kind == 1:
            found.append(value)
        elif kind == 2:
            found.extend(value)
    return found


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and all below it, in no particular order."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        if _GETTERS[type(each)] is not None:
            pending.extend(children_of(each))
