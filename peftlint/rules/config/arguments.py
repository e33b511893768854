"""The arguments of config calls, for the rules that look at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.rules.plain import plain
from peftlint.semantics.events import ConfigCreated
from peftlint.semantics.values import WRITTEN, Constant, Library, Sequence, Symbol, Value

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


def configs(analysis: Analysis, *classes: str) -> Iterator[ConfigCreated]:
    """Configs that are made here by calling their class (each call once), of these classes (none: any)."""
    for site in analysis.sites(ConfigCreated):
        event = site[0]
        if event.config.path is None and not event.expected_failure and event.call is not None:
            if not classes or event.config.class_name in classes:
                yield event


def argument_node(event: ConfigCreated, name: str) -> cst.CSTNode:
    """Where the argument stands: the argument itself, or the call if it comes from `**options`."""
    assert event.call is not None
    arg = event.call.nodes.get(name)
    return arg if arg is not None and arg.keyword is not None else event.node


def literal_node(event: ConfigCreated, name: str) -> cst.BaseExpression | None:
    """The expression that is given for the argument in the call itself."""
    assert event.call is not None
    arg = event.call.nodes.get(name)
    return arg.value if arg is not None and arg.keyword is not None else None


def strings(value: Value | None) -> list[str] | None:
    """The strings of a list or tuple of which all are known."""
    if isinstance(value, Sequence) and all(
        isinstance(i, Constant) and isinstance(i.value, str) for i in value.items
    ):
        return [item.value for item in value.items if isinstance(item, Constant)]
    return None


def pieces(value: Value) -> list[str]:
    """What is written out of an f-string, or of those in a list made by a comprehension, as opposed to what is put into it."""
    if not isinstance(value, Symbol) or not value.key.startswith(("f(", "f#", "comprehension(f(")):
        return []
    return sorted(part.removeprefix(WRITTEN) for part in value.parts if part.startswith(WRITTEN))


def option_default(event: ConfigCreated, name: str) -> Constant | None:
    """What the argument is unless the command line says otherwise: `args.x`, where argparse has a text for `--x`.

    None where the option is no plain text (`nargs=`, `type=`), or `args.x` is changed anywhere.
    """
    node, syntax = literal_node(event, name), event.syntax
    if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return None
    if not isinstance(event.config.argument(name), Symbol):
        return None
    if any(plain(each.target) == plain(node) for each in syntax.every(cst.AssignTarget)):  # type: ignore[attr-defined]
        return None
    found: list[str] = []
    for call in syntax.every(cst.Call):
        match call:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="add_argument")), args=arguments):
                option = next((a.value for a in arguments if a.keyword is None), None)
                given = {a.keyword.value: a.value for a in arguments if a.keyword is not None}
                if not isinstance(option, cst.SimpleString) or _destination(option) != node.attr.value:
                    continue
                default = given.pop("default", None)
                converts = given.pop("type", cst.Name("str"))
                if given.keys() - {"help", "metavar", "required"} or plain(converts) != "str":
                    return None
                if not isinstance(default, cst.SimpleString):
                    return None
                found.append(str(default.evaluated_value))
    return Constant(found[0]) if len(found) == 1 else None


def _destination(option: cst.SimpleString) -> str:
    return str(option.evaluated_value).lstrip("-").replace("-", "_")


def task_type(value: Value | None) -> str | None:
    """ "CAUSAL_LM" for the string or for `TaskType.CAUSAL_LM`."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Library) and ".TaskType." in f".{value.name}":
        return value.name.rpartition(".")[2]
    return None
