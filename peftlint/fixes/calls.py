"""Codemods of calls: the method that is called, and its arguments."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from peftlint.diagnostics import Edit
from peftlint.fixes.items import Range, insert_items, remove_items
from peftlint.fixes.stars import may_give
from peftlint.fixes.text import Syntax, edit, node_offsets, skip_trivia, smallest_edits, source_of


def rename_callee(syntax: Syntax, call: cst.Call, name: str) -> list[Edit]:
    """Call `name` instead: the attribute of `model.add_adapter(...)`, or the plain name of `f(...)`.

    Raises `ValueError` if what is called is neither.
    """
    match call.func:
        case cst.Attribute(attr=target) | (cst.Name() as target):
            return smallest_edits(syntax, *node_offsets(syntax, target), name)
    raise ValueError("only a name or an attribute can be renamed")


def argument_ranges(syntax: Syntax, call: cst.Call) -> list[Range]:
    """[start, end) of each argument, its name and stars included, its comma not."""
    return [node_offsets(syntax, arg) for arg in call.args]


def opening(syntax: Syntax, call: cst.Call) -> int:
    """Offset just after the parenthesis that opens the arguments."""
    at = node_offsets(syntax, call.func)[1]
    for _ in call.func.rpar:
        at = skip_trivia(syntax.code, at) + 1
    return skip_trivia(syntax.code, at) + 1


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """The argument that is given by this keyword."""
    return next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def _equals(syntax: Syntax, call: cst.Call) -> str:
    """How the call writes "=" between keyword and value."""
    for arg in call.args:
        if arg.keyword is not None and isinstance(arg.equal, cst.AssignEqual):
            between = syntax.code[node_offsets(syntax, arg.keyword)[1] : node_offsets(syntax, arg)[1]]
            blanks_before = len(between) - len(between.lstrip(" "))
            after = between.lstrip(" ")[1:]
            blanks_after = len(after) - len(after.lstrip(" "))
            return " " * blanks_before + "=" + " " * blanks_after
    return "="


def _parenthesised(syntax: Syntax, call: cst.Call) -> list[Edit]:
    """A generator expression that is the only argument needs its own parentheses beside others."""
    if len(call.args) == 1 and isinstance(call.args[0].value, cst.GeneratorExp):
        start, end = node_offsets(syntax, call.args[0])
        if not syntax.code.startswith("(", start):
            return [edit(syntax, start, start, "("), edit(syntax, end, end, ")")]
    return []


def add_arguments(syntax: Syntax, call: cst.Call, texts: Sequence[str]) -> list[Edit]:
    """Add arguments, as text, after the last one."""
    ranges = argument_ranges(syntax, call)
    added = insert_items(syntax, ranges, opening(syntax, call), texts)
    return [*_parenthesised(syntax, call), *added] if added else []


def add_keyword(syntax: Syntax, call: cst.Call, name: str, value: str) -> list[Edit]:
    """Add `name=value` as the last argument. No edits if the keyword is there already, or may be in a `**` argument."""
    if keyword(call, name) is not None or may_give(syntax, call, name):
        return []
    return add_arguments(syntax, call, [name + _equals(syntax, call) + value])


def set_keyword(syntax: Syntax, call: cst.Call, name: str, value: str) -> list[Edit]:
    """Give the keyword this value, added if it is not there."""
    arg = keyword(call, name)
    if arg is None:
        return add_keyword(syntax, call, name, value)
    return replace_value(syntax, arg, value)


def replace_value(syntax: Syntax, arg: cst.Arg, value: str) -> list[Edit]:
    """Give the argument another value; its keyword or stars stay. Parentheses around the old value go."""
    _, end = node_offsets(syntax, arg)
    start = value_offset(syntax, arg)
    return smallest_edits(syntax, start, end, value)


def value_offset(syntax: Syntax, arg: cst.Arg) -> int:
    """Where the value of the argument starts, its own parentheses included."""
    start, _ = node_offsets(syntax, arg)
    if arg.keyword is None:
        return skip_trivia(syntax.code, start + len(arg.star)) if arg.star else start
    equal = skip_trivia(syntax.code, node_offsets(syntax, arg.keyword)[1])
    return skip_trivia(syntax.code, equal + 1)


def argument_source(syntax: Syntax, arg: cst.Arg) -> str:
    """The argument as it is written, with its keyword or stars, without its comma."""
    return source_of(syntax, arg)


def value_source(syntax: Syntax, arg: cst.Arg) -> str:
    """The value of the argument as it is written, with its parentheses."""
    return syntax.code[value_offset(syntax, arg) : node_offsets(syntax, arg)[1]]


def remove_arguments(syntax: Syntax, call: cst.Call, args: Sequence[cst.Arg]) -> list[Edit]:
    """Remove arguments with their commas. A comment on their own lines goes too."""
    indices = [index for index, arg in enumerate(call.args) if any(arg is removed for removed in args)]
    return remove_items(syntax, argument_ranges(syntax, call), indices)


def remove_keyword(syntax: Syntax, call: cst.Call, name: str) -> list[Edit]:
    """Remove the argument given by this keyword. No edits if there is none."""
    arg = keyword(call, name)
    return remove_arguments(syntax, call, [arg]) if arg is not None else []


def rename_keyword(syntax: Syntax, call: cst.Call, old: str, new: str) -> list[Edit]:
    """Give the value of keyword `old` by keyword `new`. No edits if there is no such keyword."""
    arg = keyword(call, old)
    if arg is None or arg.keyword is None:
        return []
    return smallest_edits(syntax, *node_offsets(syntax, arg.keyword), new)


def positional_to_keyword(syntax: Syntax, call: cst.Call, index: int, names: Sequence[str]) -> list[Edit]:
    """Give positional argument `index` (0-based) and those after it by keyword.

    `names` are the names of the parameters from `index` on. Raises `ValueError` if there are too few, or if a
    starred argument stands among or before them.
    """
    edits: list[Edit] = []
    equals = _equals(syntax, call)
    for at, arg in enumerate(call.args):
        if arg.star == "*":
            raise ValueError("positions after a starred argument are not known")
        if arg.keyword is not None or arg.star or at < index:
            continue
        if at - index >= len(names):
            raise ValueError("more positional arguments than names")
        start, _ = node_offsets(syntax, arg)
        edits.append(edit(syntax, start, start, names[at - index] + equals))
    return edits


def set_arguments(syntax: Syntax, call: cst.Call, texts: Sequence[str]) -> list[Edit]:
    """Make the arguments these texts (such as "path", "adapter_name='math'"), in the layout of the old ones.

    Old and new arguments are matched by position: what is the same stays untouched.
    """
    ranges = argument_ranges(syntax, call)
    edits: list[Edit] = []
    for (start, end), text in zip(ranges, texts, strict=False):
        edits += smallest_edits(syntax, start, end, text)
    if len(texts) > len(ranges):
        edits += add_arguments(syntax, call, texts[len(ranges) :])
    elif len(texts) < len(ranges):
        edits += remove_items(syntax, ranges, range(len(texts), len(ranges)))
    return edits


def receiver_source(syntax: Syntax, call: cst.Call) -> str | None:
    """`model` of `model.f(...)`, as it is written; None for a plain function."""
    if not isinstance(call.func, cst.Attribute):
        return None
    value = call.func.value
    text = source_of(syntax, value)
    for _ in value.lpar:
        text = f"({text})"
    return text
