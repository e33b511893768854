"""What the parts of the interpreter ask of each other: declared once, defined in the part that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Items
from typing import TYPE_CHECKING, Any

import libcst as cst

from peftlint.semantics.core import Core
from peftlint.semantics.paths import Outcome
from peftlint.semantics.values import (
    Class,
    Function,
    ModuleValue,
    Reference,
    Super,
    Symbol,
    Value,
)

if TYPE_CHECKING:
    from peftlint.semantics.arguments import Argument
    from peftlint.semantics.blocks import Flow
    from peftlint.semantics.state import State


class Parts(Core):
    """The interpreter as its parts see it."""

    followed: dict[cst.CSTNode, int]
    global_names: dict[int, set[str]]
    nonlocal_frames: dict[tuple[int, str], int]
    frame_parents: dict[int, int]
    #: the frame of the module that each belongs to
    frame_modules: dict[int, int]
    #: libraries of which a module imports everything, by the module's frame
    stars: dict[int, list[str]]
    #: functions of a house of its own that make models ("mypkg.load"), with the kind of what they make
    factories: dict[str, str]
    #: how many of the records were looked at for configs of prompt learning, and whether there was one
    prompt_configs: tuple[int, bool] = (0, False)

    def evaluate(self, node: cst.BaseExpression) -> Value:
        raise NotImplementedError

    def evaluate_call(self, node: cst.Call) -> Value:
        raise NotImplementedError

    def attribute(self, value: Value, name: str) -> Value:
        raise NotImplementedError

    def item(self, value: Value, index: Value) -> Value:
        raise NotImplementedError

    def combined(self, operation: str, *values: Value) -> Symbol:
        raise NotImplementedError

    def note_starred(self, node: cst.CSTNode, name: str) -> None:
        raise NotImplementedError

    def derived(self, hint: str, *values: Value) -> Symbol:
        raise NotImplementedError

    def condition(self, node: cst.BaseExpression) -> bool:
        raise NotImplementedError

    def truth_of(self, value: Value) -> bool | None:
        raise NotImplementedError

    def items_of(self, value: Value) -> tuple[tuple[Value, ...], bool]:
        raise NotImplementedError

    def iteration_items(self, value: Value, rounds: int = 2) -> list[Value]:
        raise NotImplementedError

    def pick(self, outcomes: Callable[[], list[Outcome[Value]]]) -> Value:
        raise NotImplementedError

    def lookup(self, name: str) -> Value:
        raise NotImplementedError

    def module_attribute(self, module: ModuleValue, name: str) -> Value:
        raise NotImplementedError

    def assign(self, target: cst.BaseExpression | Any, value: Value) -> None:
        raise NotImplementedError

    def _assigned_value(self, node: cst.BaseExpression, targets: list[cst.BaseExpression]) -> Value:
        raise NotImplementedError

    def call_value(self, function: Value, args: tuple[Value, ...], node: cst.Call) -> Value:
        raise NotImplementedError

    def dispatch(self, function: Value, arguments: Items[Argument], node: cst.Call, discarded: bool) -> Value:
        raise NotImplementedError

    def follow(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        raise NotImplementedError

    def follow_now(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        raise NotImplementedError

    def instantiate(self, cls: Class, arguments: Items[Argument], node: cst.Call) -> Value:
        raise NotImplementedError

    def initialise_base(self, receiver: Super, arguments: Items[Argument], node: cst.Call) -> Value:
        raise NotImplementedError

    def run_overridden(self, receiver: Value, node: cst.Call) -> None:
        raise NotImplementedError

    def set_attribute(self, instance: Reference, name: str, value: Value) -> None:
        raise NotImplementedError

    def new_frame(self, function: Function) -> int:
        raise NotImplementedError

    def module_of(self, function: Function) -> int:
        raise NotImplementedError

    def run_body(self, body: cst.BaseSuite, state: State) -> tuple[list[Outcome[Value]], list[State]]:
        raise NotImplementedError

    def block(self, body: cst.BaseSuite, states: list[State]) -> Flow:
        raise NotImplementedError

    def each(self, flow: Flow, action: Callable[[], None]) -> None:
        raise NotImplementedError

    def compound(self, node: cst.CSTNode, flow: Flow) -> None:
        raise NotImplementedError

    def frame_for(self, name: str) -> int:
        raise NotImplementedError

    def define_class(self, node: cst.ClassDef) -> Class:
        raise NotImplementedError

    def import_names(self, node: cst.Import | cst.ImportFrom) -> None:
        raise NotImplementedError

    def make_function(self, node: cst.FunctionDef, owner: Class | None) -> Value:
        raise NotImplementedError

    def run_entry(self, function: Function, receiver: list[Value], states: list[State]) -> list[State]:
        raise NotImplementedError
