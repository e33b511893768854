"""Cheap syntactic questions about functions, answered once per node."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst


@lru_cache(maxsize=8192)
def contains_yield(function: cst.FunctionDef) -> bool:
    """Does the function's own body (not that of functions inside it) yield?"""
    return _contains(function.body, cst.Yield)


@lru_cache(maxsize=8192)
def makes_closures(function: cst.FunctionDef | cst.Lambda) -> bool:
    """Are functions made in the body that may outlive the call?"""
    return _contains(function.body, (cst.FunctionDef, cst.Lambda, cst.ClassDef), enter=False)


def _contains(
    root: cst.CSTNode, kinds: type[cst.CSTNode] | tuple[type[cst.CSTNode], ...], enter: bool = True
) -> bool:
    pending: list[cst.CSTNode] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, kinds):
            return True
        if enter and node is not root and isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            continue
        pending.extend(node.children)
    return False
