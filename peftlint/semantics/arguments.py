"""The arguments of calls, bound to parameters; and as what the method tables know a value."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.events import Call
from peftlint.semantics.expressions import Expressions
from peftlint.semantics.records import (
    Cache,
    Config,
    Context,
    DictBox,
    Instance,
    ListBox,
    Network,
    Optimizer,
    Output,
    Pipeline,
    StateDict,
    Trainer,
    Wrapper,
)
from peftlint.semantics.values import (
    BoundLibrary,
    Class,
    Constant,
    Reference,
    Super,
    Value,
)

if TYPE_CHECKING:
    from peftlint.semantics.api.tables import Entry


@dataclass(frozen=True)
class Argument:
    value: Value
    node: cst.Arg | None = None
    keyword: str | None = None
    star: str = ""


class Arguments(Expressions):
    """The arguments of calls, bound to parameters; and as what the method tables know a value."""

    def _arguments(self, node: cst.Call) -> list[Argument]:
        found: list[Argument] = []
        for arg in node.args:
            value = self.evaluate(arg.value)
            keyword = arg.keyword.value if arg.keyword is not None else None
            if arg.star == "**":
                box = self.state.get(value, DictBox)
                if box is not None and all(isinstance(k, Constant) for k, _ in box.items):
                    found.extend(Argument(v, arg, str(k.value)) for k, v in box.items)  # type: ignore[union-attr]
                    if box.closed:
                        continue
            elif arg.star == "*":
                items, closed = self.items_of(value)
                if closed:
                    found.extend(Argument(item, arg) for item in items)
                    continue
            # `LoraConfig(...)` on a page stands for arguments that are not told
            left_out = keyword is None and isinstance(arg.value, cst.Ellipsis)
            found.append(Argument(value, arg, keyword, "*" if left_out else arg.star))
        return found

    def unbound(
        self,
        node: cst.Call,
        receiver: Value | None,
        arguments: Items[Argument],
        discarded: bool,
        callee: str = "",
    ) -> Call:
        call = Call(callee or _dotted(node.func), node, receiver, discarded=discarded)
        extra: list[Value] = []
        for argument in arguments:
            if argument.star:
                call.open = True
                extra.append(argument.value)
            elif argument.keyword is None:
                extra.append(argument.value)
            else:
                call.arguments[argument.keyword] = argument.value
                if argument.node is not None:
                    call.nodes[argument.keyword] = argument.node
        call.extra = tuple(extra)
        return _written(call, arguments)

    def bind(
        self,
        callee: str,
        entry: Entry,
        node: cst.Call,
        receiver: Value | None,
        arguments: Items[Argument],
        discarded: bool,
    ) -> Call:
        """The arguments by the parameter names of the table's entry."""
        call = Call(callee, node, receiver, discarded=discarded)
        position = 0
        extra: list[Value] = []
        for argument in arguments:
            if argument.star:
                call.open = True
                extra.append(argument.value)
                continue
            name = argument.keyword
            if name is None:
                if position < len(entry.parameters):
                    name = entry.parameters[position]
                    position += 1
                else:
                    extra.append(argument.value)
                    continue
            if name in entry.parameters:
                call.arguments[name] = argument.value
                if argument.node is not None:
                    call.nodes[name] = argument.node
            else:
                call.unknown[name] = argument.value
                if argument.node is not None:
                    call.nodes[name] = argument.node
        call.extra = tuple(extra)
        return _written(call, arguments)

    def kinds(self, value: Value) -> tuple[str, ...]:
        """Under which names the method tables know the value, most specific first."""
        match self.state.record(value):
            case Wrapper(mixed=mixed, network=network):
                known = ("mixed", "peft", "model") if mixed else ("peft", "model")
                below = self.state.get(network, Network)
                # what a PeftModel does not have itself, it passes on to the model below it
                return (*known, "diffusers") if below is not None and below.kind == "diffusers" else known
            case Network(kind=kind):
                return (kind, "model")
            case Pipeline(kind=kind):
                return (kind,)
            case Cache():
                return ("cache",)
            case Output():
                return ("output",)
            case Optimizer():
                return ("optimizer",)
            case Trainer():
                return ("trainer",)
            case StateDict():
                return ("state_dict",)
            case Config():
                return ("config",)
            case Context():
                return ("context",)
            case ListBox():
                return ("list",)
            case DictBox():
                return ("dict",)
            case Instance(cls=str(cls), parent=None):
                return (cls,)
            case Instance(cls=cls, parent=parent):
                if parent is not None:
                    return self.kinds(Reference(parent))
                return tuple(sorted(cls.library_bases())) if isinstance(cls, Class) else ()
        if isinstance(value, BoundLibrary) and value.name == "base_model":
            return ("tuner", "model")
        if isinstance(value, Super):
            return ("super",)
        if isinstance(value, Constant) and isinstance(value.value, str):
            return ("str",)
        return ()

    def is_method(self, value: BoundLibrary) -> bool:
        return value.name in ("base_model", "model") or any(
            tables.method(kind, value.name) is not None for kind in self.kinds(value.receiver)
        )


def _written(call: Call, arguments: Items[Argument]) -> Call:
    """Notes how the arguments are given, and whether the node of the call is the call itself."""
    given = [argument for argument in arguments if not argument.star]
    call.positional = sum(1 for argument in given if argument.keyword is None)
    call.keywords = tuple(argument.keyword for argument in given if argument.keyword is not None)
    told = [argument.node for argument in arguments]
    written = [arg for arg in call.node.args if not arg.star]
    call.indirect = None in told or any(all(arg is not node for node in told) for arg in written)
    return call


def _dotted(node: cst.BaseExpression) -> str:
    """A name for what is called: "self.model.foo"; "..." stands for anything but names."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr.value}"
    return "..."
