"""Memo tables in the source: functions and dicts that keep what a model gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.fixes.text import ancestors
from peftlint.rules.plain import plain
from peftlint.semantics.walk import children_of

if TYPE_CHECKING:
    from peftlint.semantics.events import Used
    from peftlint.semantics.syntax import Syntax

_EMPTYING = frozenset(("clear", "cache_clear", "pop", "popitem"))
_DECORATOR = re.compile(r"(?:\w+\.)*(?:lru_cache|cache|memoize)\b")


@dataclass(frozen=True)
class Memo:
    """`function` keeps its results: by the decorator or the store at `node`, under `key` ("" for its arguments)."""

    function: cst.FunctionDef
    node: cst.CSTNode
    name: str
    key: str


def memo_of(event: Used) -> Memo | None:
    """The memo table that the result of this forward pass goes into, if it does."""
    syntax = event.syntax
    function = next((p for p in ancestors(syntax, event.node) if isinstance(p, cst.FunctionDef)), None)
    if function is None:
        return None
    memo = _decorated(syntax, function) or _stored(function, event.node)
    return None if memo is None or _is_cleared(syntax, memo) else memo


def _decorated(syntax: Syntax, function: cst.FunctionDef) -> Memo | None:
    for decorator in function.decorators:
        if _DECORATOR.match(plain(decorator.decorator)):
            return Memo(function, decorator, function.name.value, "")
    return None


def _stored(function: cst.FunctionDef, used: cst.CSTNode) -> Memo | None:
    """`D[K] = ...` in a function that looks K up in D first, where D lives longer than a call."""
    if not _fills_a_table(function):
        return None
    inside = walk(function)
    stores = [
        node for node in inside if type(node) is cst.Assign and type(node.targets[0].target) is cst.Subscript
    ]
    bound = [pair for node in inside for pair in _bindings(node)] if stores else []
    for node in stores:
        place = cst.ensure_type(node.targets[0].target, cst.Subscript)
        if len(place.slice) != 1 or not isinstance(index := place.slice[0].slice, cst.Index):
            continue
        table, key = plain(place.value), plain(index.value)
        if any(plain(target) == table for target, _ in bound) or not _depends(bound, node.value, used):
            continue
        if any(_looks_up(each, table, key) for each in inside):
            return Memo(function, node, table, " ".join([key, *_made_of(bound, index.value)]))
    return None


@lru_cache(maxsize=256)
def _fills_a_table(function: cst.FunctionDef) -> bool:
    return any(
        type(node) is cst.Assign and type(node.targets[0].target) is cst.Subscript for node in walk(function)
    )


def _bindings(node: cst.CSTNode) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """What the node assigns to names, each with its value."""
    match node:
        case cst.Assign(targets=targets, value=value):
            return [(each.target, value) for each in targets if isinstance(each.target, cst.Name)]
        case cst.AnnAssign(target=cst.Name() as target, value=cst.BaseExpression() as value):
            return [(target, value)]
        case cst.NamedExpr(target=target, value=value):
            return [(target, value)]
    return []


def _looks_up(node: cst.CSTNode, table: str, key: str) -> bool:
    """`K in D`, `K not in D` or `D.get(K)`."""
    match node:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(cst.In() | cst.NotIn(), right)]):
            return plain(left) == key and plain(right) == table
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="get")), args=[first, *_]):
            return plain(owner) == table and plain(first.value) == key
    return False


def _made_of(bound: list[tuple[cst.BaseExpression, cst.BaseExpression]], key: cst.CSTNode) -> list[str]:
    """The values of the variables in the key, of those in these values, and so on."""
    found: list[str] = []
    pending, seen = [key], set[str]()
    while pending:
        names = {plain(each) for each in walk(pending.pop()) if isinstance(each, cst.Name)} - seen
        seen |= names
        for target, value in bound:
            if plain(target) in names:
                found.append(plain(value))
                pending.append(value)
    return found


def _depends(
    bound: list[tuple[cst.BaseExpression, cst.BaseExpression]], value: cst.CSTNode, used: cst.CSTNode
) -> bool:
    """Is the value made of the call, at once or through variables?"""
    names: set[str] = set()

    def made_of_it(node: cst.CSTNode) -> bool:
        return any(
            each is used or (isinstance(each, cst.Name) and plain(each) in names) for each in walk(node)
        )

    while not made_of_it(value):
        found = {plain(target) for target, each in bound if made_of_it(each)}
        if found <= names:
            return False
        names |= found
    return True


def _is_cleared(syntax: Syntax, memo: Memo) -> bool:
    """Does anybody empty the table, or put a new one in its place?"""
    last = memo.name.rpartition(".")[2]
    made = 0
    for node in syntax.every(cst.Call, cst.AssignTarget, cst.AnnAssign):
        match node:
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=name))):
                if name in _EMPTYING and _last(owner) == last:
                    return True
            case cst.AssignTarget(target=target) if _last(target) == last:
                made += _makes_a_table(_value_at(syntax, node))
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) if _last(target) == last:
                made += _makes_a_table(value)
    return made > 1


def _last(node: cst.CSTNode) -> str:
    return plain(node).rpartition(".")[2]


def _value_at(syntax: Syntax, target: cst.AssignTarget) -> cst.CSTNode | None:
    assignment = syntax.parent(target)
    return assignment.value if isinstance(assignment, cst.Assign) else None


def _makes_a_table(value: cst.CSTNode | None) -> bool:
    match value:
        case cst.Dict(elements=elements):
            return not elements
        case cst.Call(func=func):
            return _last(func) in ("dict", "OrderedDict", "defaultdict")
    return False


def walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The node and everything in it."""
    found: list[cst.CSTNode] = []
    pending = [node]
    while pending:
        each = pending.pop()
        found.append(each)
        pending.extend(children_of(each))
    return found
