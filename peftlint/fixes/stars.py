"""What `**options` of a call may hold: a keyword that is added must not be given twice."""

from __future__ import annotations

import libcst as cst

from peftlint.fixes.text import Syntax
from peftlint.semantics.walk import walk


def may_give(syntax: Syntax, call: cst.Call, name: str) -> bool:
    """Whether a `**` argument of the call may hold this keyword."""
    return any(arg.star == "**" and _may_hold(syntax, arg.value, name) for arg in call.args)


def _may_hold(syntax: Syntax, value: cst.BaseExpression, name: str, followed: bool = True) -> bool:
    match value:
        case cst.Dict(elements=elements):
            return any(not isinstance(item, cst.DictElement) or _may_be(item.key, name) for item in elements)
        case cst.Call(func=cst.Name("dict"), args=args):
            return any(arg.keyword is None or arg.keyword.value == name for arg in args)
        case cst.Name(value=variable) if followed:
            return _variable_may_hold(syntax, value, variable, name)
    return True


def _may_be(key: cst.BaseExpression, name: str) -> bool:
    return not isinstance(key, cst.SimpleString) or key.evaluated_value == name


def _variable_may_hold(syntax: Syntax, use: cst.Name, variable: str, name: str) -> bool:
    """False for a variable of this function that is a literal, and is given other keys at most."""
    scope: cst.CSTNode | None = syntax.parent(use)
    while scope is not None and not isinstance(scope, cst.FunctionDef | cst.Lambda | cst.Module):
        scope = syntax.parent(scope)
    if not isinstance(scope, cst.FunctionDef | cst.Module):
        return True
    assigned = 0
    for node in walk(scope):
        if not isinstance(node, cst.Name) or node.value != variable:
            continue
        parent = syntax.parent(node)
        match parent:
            case cst.AssignTarget() if parent.target is node:
                statement = syntax.parent(parent)
                assigned += 1
                if not isinstance(statement, cst.Assign) or _may_hold(
                    syntax, statement.value, name, followed=False
                ):
                    return True
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if (
                parent.value is node
            ):
                if _may_be(key, name):
                    return True
            case cst.Arg() if parent.star == "**" or parent.keyword is node:
                pass
            case _:
                return True
    return assigned != 1
