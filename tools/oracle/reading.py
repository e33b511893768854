"""The interpreter's state after each statement of a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peftlint.semantics.blocks import Flow
from peftlint.semantics.interpreter import Interpreter
from peftlint.semantics.records import Network, Wrapper
from peftlint.semantics.state import MODULE_FRAME, State
from peftlint.semantics.syntax import Syntax
from peftlint.semantics.values import Reference
from peftlint.sources import read
from peftlint.targets.model import Target, Targets


class Watched(Interpreter):
    """Keeps the states behind each statement of the module that is in no loop, by the line it starts on."""

    def __init__(self, syntax: Syntax, targets: Targets) -> None:
        super().__init__(syntax, targets)
        self.seen: dict[int, list[State]] = {}

    def statements(self, statements: Iterable[Any], states: list[State]) -> Flow:
        flow = Flow(states)
        for statement in statements:
            if not flow.normal:
                break
            after = super().statements([statement], flow.normal)
            flow.absorb(after)
            flow.normal = after.normal
            if not self.where.stack and not self.where.loops and not self.where.entry:
                line = self.syntax.span(statement).line
                self.seen[line] = [state.fork() for state in flow.normal]
        return flow


def interpret(text: str, releases: Mapping[str, str]) -> Watched:
    """Runs the interpreter over the program, for these releases."""
    syntax = Syntax(read("program.py", text.encode()).sources[0])
    targets = Targets(**{name: Target(name, (release,)) for name, release in releases.items()})
    interpreter = Watched(syntax, targets)
    interpreter.run()
    return interpreter


def model_in(interpreter: Watched, state: State, variable: str) -> tuple[int, Network, Wrapper | None] | None:
    """The network that the variable holds, its id, and the wrapper if it is one; None if that is not known."""
    interpreter.state = state
    value = state.frames[MODULE_FRAME].get(variable)
    if value is not None:
        value = interpreter._promoted(value)
    if not isinstance(value, Reference):
        return None
    record = state.record(value)
    if isinstance(record, Network):
        return value.id, record, None
    if isinstance(record, Wrapper):
        network = state.get(record.network, Network)
        return (record.network, network, record) if network is not None else None
    return None
