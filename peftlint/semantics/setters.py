"""Which attributes of its object a method may set, told from its text: what need not be run to find out."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from peftlint.semantics.values import Class, Function
from peftlint.semantics.walk import walk

#: builtins that are given an object and set nothing on it
_HARMLESS = frozenset("super isinstance issubclass hasattr type id repr str".split())
#: what runs when an object is called
_CALLED = frozenset(("__call__", "forward"))
#: stands for whatever `getattr` may be asked for
_ANY = "*"
#: what the `train` of a library's trainer calls
_OVERRIDDEN = frozenset(("training_step", "compute_loss"))


def may_set(cls: Class, method: Function) -> frozenset[str] | None:
    """Names of attributes that the method may set on an object of the class; None: any.

    Counted are the attributes that it, or a method of the class that it names, assigns on its object; one that
    hands the object on by itself may set any.
    """
    found: set[str] = set()
    pending = [method]
    seen = {method.node}
    while pending:
        each = pending.pop()
        parts = _parts_of(each.node, "staticmethod" not in each.decorators)
        if parts is None:
            return None
        assigned, named = parts
        found |= assigned
        if _ANY in named:
            named = named.union(member.name for member in cls.every_member() if isinstance(member, Function))
        for name in named | _OVERRIDDEN if "train" in named else named:
            for member in _members(cls, name):
                if member.node not in seen:
                    seen.add(member.node)
                    pending.append(member)
    return frozenset(found)


def _members(cls: Class, name: str) -> list[Function]:
    """The methods of that name in the class and in those that it is derived from."""
    own = cls.members.get(name)
    found = [own] if isinstance(own, Function) else []
    for base in cls.bases:
        if isinstance(base, Class):
            found += _members(base, name)
    return found


@lru_cache(maxsize=256)
def _parts_of(
    node: cst.FunctionDef | cst.Lambda, bound: bool
) -> tuple[frozenset[str], frozenset[str]] | None:
    """Attributes that the method assigns, and those that it mentions; None if it hands its object to others."""
    if not isinstance(node, cst.FunctionDef):
        return None
    parameters = (*node.params.posonly_params, *node.params.params)
    receiver = parameters[0].name.value if parameters and bound else ""
    assigned: set[str] = set()
    named: set[str] = set()
    alone = 0
    for each in walk(node.body):
        kind = type(each)
        if kind is cst.Name:
            alone += each.value == receiver  # type: ignore[attr-defined]
        elif kind is cst.Attribute:
            named.add(each.attr.value)  # type: ignore[attr-defined]
            alone -= _is(each.value, receiver)  # type: ignore[attr-defined]
        elif kind is cst.Call:
            function = each.func  # type: ignore[attr-defined]
            if type(function) is not cst.Name:
                continue
            given = [argument.value for argument in each.args]  # type: ignore[attr-defined]
            if function.value == receiver:
                # of a class this makes another object
                alone -= 1
                named |= _CALLED
            elif function.value in ("setattr", "getattr", "delattr"):
                if len(given) < 2:
                    return None
                on_receiver = _is(given[0], receiver)
                if type(given[1]) is cst.SimpleString:
                    name = str(given[1].evaluated_value)
                elif function.value == "getattr":
                    name = _ANY
                elif on_receiver:
                    return None
                if function.value == "getattr":
                    named.add(name)
                elif on_receiver:
                    assigned.add(name)
                alone -= on_receiver
            elif function.value in _HARMLESS:
                alone -= sum(_is(value, receiver) for value in given)
        elif kind in SETTING:
            for target in targets_of(each):
                assigned |= {
                    part.attr.value
                    for part in walk(target)
                    if type(part) is cst.Attribute and _is(part.value, receiver)
                }
    return None if alone else (frozenset(assigned), frozenset(named))


@lru_cache(maxsize=256)
def gives_another_class(node: cst.FunctionDef | cst.Lambda) -> bool:
    """Does the function assign `something.__class__`?"""
    return isinstance(node, cst.FunctionDef) and any(
        type(target) is cst.Attribute and target.attr.value == "__class__"
        for each in walk(node.body)
        for target in targets_of(each)
    )


def _is(node: cst.CSTNode, name: str) -> bool:
    return type(node) is cst.Name and node.value == name


#: the statements, and parts of statements, that bind, set or delete something
SETTING: frozenset[type[cst.CSTNode]] = frozenset(
    {
        cst.AssignTarget,
        cst.AugAssign,
        cst.AnnAssign,
        cst.For,
        cst.CompFor,
        cst.Del,
        cst.WithItem,
        cst.NamedExpr,
    }
)


def targets_of(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What the statement (or part of one) binds, sets or deletes."""
    if type(node) not in SETTING:
        return []
    if isinstance(node, cst.WithItem):
        return [node.asname.name] if node.asname is not None else []
    return [node.target]  # type: ignore[attr-defined]


__all__ = ["SETTING", "gives_another_class", "may_set", "targets_of"]
