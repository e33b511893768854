"""What pytest passes to tests and fixtures of the program for the parameters that carry a fixture's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.arguments import Argument, Arguments
from peftlint.semantics.relevance import CHANGING, SWITCHING
from peftlint.semantics.values import Function, Reference, Value

if TYPE_CHECKING:
    from peftlint.semantics.state import State


class FixtureValues(Arguments):
    """What pytest passes to tests and fixtures of the program for the parameters that carry a fixture's name."""

    def _fixture(self, function: Function, name: str) -> Function | None:
        """The pytest fixture of the same module that pytest passes for this parameter of a test or fixture."""
        if self.where.functions != (function.node,) and not function.is_fixture:
            return None
        if not (function.name.startswith("test") or function.is_fixture):
            return None
        return next(
            (
                found
                for found in self._fixtures_named(function, name)
                if isinstance(found, Function) and found.is_fixture and found.node is not function.node
            ),
            None,
        )

    def _fixtures_named(self, function: Function, name: str) -> Iterator[Value | None]:
        """What pytest looks through for a fixture: the class, the module, conftest.py beside it and further up."""
        if function.owner is not None:
            yield function.owner.lookup(name)
        yield self.state.frames.get(self.module_of(function), {}).get(name)
        if self.whole.project is not None:
            for path in self.whole.project.conftests(function.syntax.path):
                frame = self.whole.load_module(path)
                if frame is not None:
                    yield self.state.frames.get(frame, {}).get(name)

    def _receiver(self, function: Function, fixture: Function, frame: int) -> list[Argument]:
        """The test's own object, for a fixture that is a method of its class."""
        parameters = (*function.node.params.posonly_params, *function.node.params.params)
        if fixture.owner is None or "staticmethod" in fixture.decorators or not parameters:
            return []
        instance = self.state.frames.get(frame, {}).get(parameters[0].name.value)
        return [Argument(instance)] if isinstance(instance, Reference) else []

    def _from_fixture(self, fixture: Function, receiver: list[Argument]) -> Value:
        """What the fixture returns or yields. Other tests may have changed what they share."""
        call = cst.Call(func=cst.Name(fixture.name))
        given: list[tuple[Value, State]] = []
        if fixture.syntax.relevance.yields(fixture.node):
            with self.surroundings(yields=lambda value: given.append((value, self.state.fork()))):
                self.follow_now(fixture, receiver, call)
            if not given:
                return self.fresh(fixture.name)
            value, self.state = given[0]
        else:
            value = self.follow_now(fixture, receiver, call)
        if fixture.is_shared_fixture:
            if self._mentioned_by_others(fixture, CHANGING - SWITCHING):
                self.forget(sorted(self.networks_in(value)), sorted(self.pipelines_in(value)))
            elif self._mentioned_by_others(fixture, SWITCHING):
                self.reactivate(sorted(self.networks_in(value)))
        return value

    def _mentioned_by_others(self, fixture: Function, names: frozenset[str]) -> bool:
        """Does another test or fixture that gets this one's value call a method of one of these names?"""
        return any(
            other.node not in self.where.functions
            and isinstance(other.node, cst.FunctionDef)
            and any(p.name.value == fixture.name for p in other.node.params.params)
            and other.syntax.relevance.mentions(other.node, names)
            for other in self.whole.functions
        )
