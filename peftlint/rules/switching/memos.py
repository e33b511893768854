"""Memo tables in the source: functions and dicts that keep what a model gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.fixes.text import ancestors
from peftlint.semantics.walk import children_of

if TYPE_CHECKING:
    from peftlint.semantics.events import Used
    from peftlint.semantics.syntax import Syntax

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
    memo = _decorated(syntax, function) or _stored(syntax, function, event.node)
    return None if memo is None or _is_cleared(syntax, memo) else memo


def _decorated(syntax: Syntax, function: cst.FunctionDef) -> Memo | None:
    for decorator in function.decorators:
        if _DECORATOR.match(syntax.text(decorator.decorator)):
            return Memo(function, decorator, function.name.value, "")
    return None


def _stored(syntax: Syntax, function: cst.FunctionDef, used: cst.CSTNode) -> Memo | None:
    """`D[K] = ...` in a function that looks K up in D first, where D lives longer than a call."""
    body = syntax.text(function)
    for node in walk(function):
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript() as place)], value=value):
                table, key = (
                    syntax.text(place.value),
                    syntax.text(place)[len(syntax.text(place.value)) + 1 : -1],
                )
            case _:
                continue
        looked_up = re.search(rf"\bif {re.escape(key)} (?:not )?in {re.escape(table)}\b", body) or (
            f"{table}.get({key}" in body
        )
        local = re.search(rf"^\s*{re.escape(table)}\s*=[^=]", body, re.M)
        if looked_up and not local and _depends(syntax, function, value, used):
            bound = re.search(rf"^\s*{re.escape(key)}\s*=([^=].*)$", body, re.M)
            return Memo(function, syntax.statement(node), table, key + (bound[1] if bound else ""))
    return None


def _depends(syntax: Syntax, function: cst.FunctionDef, value: cst.CSTNode, used: cst.CSTNode) -> bool:
    """Is the value made of the call, at once or through variables?"""
    assigned = [node for node in walk(function) if isinstance(node, cst.Assign)]
    pending, seen = [value], {id(value)}
    while pending:
        inside = walk(pending.pop())
        if any(node is used for node in inside):
            return True
        names = {node.value for node in inside if isinstance(node, cst.Name)}
        for node in assigned:
            bound = any(isinstance(t.target, cst.Name) and t.target.value in names for t in node.targets)
            if bound and id(node.value) not in seen:
                seen.add(id(node.value))
                pending.append(node.value)
    return False


def _is_cleared(syntax: Syntax, memo: Memo) -> bool:
    """Does anybody empty the table, or put a new one in its place?"""
    last = re.escape(memo.name.rpartition(".")[2])
    code = syntax.code
    if re.search(rf"\b{last}\.(?:clear|cache_clear|pop|popitem)\(", code):
        return True
    return (
        len(re.findall(rf"\b{last}(?:: *[^=\n]+)? *= *(?:\{{\}}|dict\(|OrderedDict\(|defaultdict\()", code))
        > 1
    )


def walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The node and everything in it."""
    found: list[cst.CSTNode] = []
    pending = [node]
    while pending:
        each = pending.pop()
        found.append(each)
        pending.extend(children_of(each))
    return found
