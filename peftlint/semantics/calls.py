"""Calls: binding arguments, following functions of the program, and asking the tables about library calls."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.arguments import Argument
from peftlint.semantics.effects.opaque import ONLY_PEFT_MODELS, promote, wrap_opaque
from peftlint.semantics.events import Call, FunctionCalled, MethodCalled
from peftlint.semantics.records import (
    Cache,
    Instance,
    Network,
    Optimizer,
    Pipeline,
)
from peftlint.semantics.values import (
    BoundLibrary,
    BoundMethod,
    Class,
    Constant,
    Function,
    Library,
    Partial,
    Reference,
    Sequence,
    Super,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

if TYPE_CHECKING:
    pass


from peftlint.semantics.objects import Objects


class Calls(Objects):
    # -- provided by other parts

    # -- the call expression

    def evaluate_call(self, node: cst.Call) -> Value:
        discarded = self.where.discarded is node
        if isinstance(node.func, cst.Attribute):
            receiver = self.evaluate(node.func.value)
            name = node.func.attr.value
            arguments = self._arguments(node)
            if isinstance(receiver, BoundLibrary):
                if receiver.name == "peft_config" and name == "keys":
                    return receiver
                receiver = self._held(receiver)
            if name in ONLY_PEFT_MODELS and self._is_peft_call(name, arguments):
                receiver = self._as_peft_model(receiver, name)
            if type(receiver) is Library:
                self.note_use(node.func, receiver.name, name)
            if isinstance(receiver, Symbol):
                assigned = self.attribute(receiver, name)
                self._note_other(node)
                if isinstance(assigned, Symbol):
                    return tables.unknown_method(
                        self.whole, receiver, name, self.unbound(node, receiver, arguments, discarded)
                    )
                return self.dispatch(assigned, arguments, node, discarded)
            member = self._member(receiver, name)
            if not isinstance(member, Library | BoundLibrary):
                self._note_other(node)
            return self.dispatch(member, arguments, node, discarded)
        function = self.evaluate(node.func)
        return self.dispatch(function, self._arguments(node), node, discarded)

    def _is_peft_call(self, name: str, arguments: Items[Argument]) -> bool:
        """Is the method of that name called as PEFT's is, in a file that speaks of its libraries?"""
        entry = tables.method("peft", name)
        code = self.syntax.source.code
        if entry is None or not ("peft" in code or "transformers" in code):
            return False
        keywords = {argument.keyword for argument in arguments if argument.keyword is not None}
        positional = sum(1 for argument in arguments if argument.keyword is None and not argument.star)
        return keywords <= set(entry.parameters) and positional <= len(entry.parameters)

    def _as_peft_model(self, value: Value, name: str) -> Value:
        """Whatever it is and wherever it comes from: only a PeftModel has the method that is called."""
        if isinstance(value, Symbol) and isinstance(self.attribute(value, name), Symbol):
            return promote(self.whole, value, wrapped=True)
        record = self.state.record(value)
        if isinstance(value, Reference) and isinstance(record, Network) and record.kind == "unknown":
            return Reference(record.wrappers[-1]) if record.wrappers else wrap_opaque(self.whole, value.id)
        return value

    def _held(self, value: BoundLibrary) -> Value:
        """What a library's object holds (`trainer.accelerator`): it may do anything with what it is given."""
        record = self.state.record(value.receiver)
        if isinstance(record, Instance) and record.parent is None and not self.is_method(value):
            return Symbol(key_of(value), sources_of(value), parts_of(value))
        return value

    def _member(self, receiver: Value, name: str) -> Value:
        if isinstance(receiver, Constant | Sequence | Partial | Function | BoundMethod | Super):
            found = self.attribute(receiver, name) if isinstance(receiver, Super) else None
            return found if found is not None else BoundLibrary(receiver, name)
        if isinstance(receiver, Reference) and not isinstance(self.state.record(receiver), Instance):
            member = self.attribute(receiver, name)
            return (
                member
                if isinstance(member, BoundLibrary | Function | BoundMethod)
                else BoundLibrary(receiver, name)
            )
        return self.attribute(receiver, name)

    def call_value(self, function: Value, args: tuple[Value, ...], node: cst.Call) -> Value:
        return self.dispatch(function, [Argument(value) for value in args], node, False)

    def call_with(
        self, function: Value, args: Items[Value], keywords: dict[str, Value], node: cst.Call
    ) -> Value:
        """The call `function(*args, **keywords)` that another call makes."""
        given = [Argument(value) for value in args] + [
            Argument(value, None, name) for name, value in keywords.items()
        ]
        return self.dispatch(function, given, node, False)

    def dispatch(self, function: Value, arguments: Items[Argument], node: cst.Call, discarded: bool) -> Value:
        match function:
            case Library(name=name):
                return self._library_call(name, arguments, node, discarded)
            case BoundLibrary(receiver=receiver, name=name):
                return self._method_call(receiver, name, arguments, node, discarded)
            case Function():
                return self.follow(function, arguments, node)
            case BoundMethod(receiver=receiver, function=method):
                return self.follow(method, [Argument(receiver), *arguments], node)
            case Class():
                return self.instantiate(function, arguments, node)
            case Partial(function=inner, args=args, keywords=keywords):
                bound = [Argument(value) for value in args]
                named = [Argument(value, None, name) for name, value in keywords]
                return self.dispatch(inner, [*bound, *arguments, *named], node, discarded)
            case Reference():
                return self._call_object(function, arguments, node, discarded)
            case _:
                return tables.unknown_function(
                    self.whole, function, self.unbound(node, None, arguments, discarded)
                )

    def _call_object(
        self, value: Reference, arguments: Items[Argument], node: cst.Call, discarded: bool
    ) -> Value:
        record = self.state.record(value)
        if isinstance(record, Instance) and isinstance(record.cls, Class):
            for name in ("__call__", "forward"):
                member = record.cls.lookup(name)
                if isinstance(member, Function):
                    return self.follow(member, [Argument(value), *arguments], node)
        return self._method_call(value, "__call__", arguments, node, discarded)

    # -- library calls

    def _library_call(self, name: str, arguments: Items[Argument], node: cst.Call, discarded: bool) -> Value:
        if name.startswith("builtins."):
            return tables.builtin(
                self.whole, name[9:], self.unbound(node, None, arguments, discarded, name), arguments
            )
        entry = tables.factory(self.factories[name]) if name in self.factories else tables.function(name)
        if entry is None:
            call = self.unbound(node, None, arguments, discarded, name)
            if tables.watched(name):
                self.emit(FunctionCalled(node=node, syntax=self.syntax, call=call, callee=name))
            return tables.unknown_library(self.whole, name, call)
        call = self.bind(name, entry, node, None, arguments, discarded)
        if tables.watched(name):
            self.emit(FunctionCalled(node=node, syntax=self.syntax, call=call, callee=name))
        return entry.effect(self.whole, call)

    def _method_call(
        self, receiver: Value, name: str, arguments: Items[Argument], node: cst.Call, discarded: bool
    ) -> Value:
        if isinstance(receiver, Super) and name == "__init__":
            return self.initialise_base(receiver, arguments, node)
        kinds = self.kinds(receiver)
        subject = receiver
        if isinstance(receiver, BoundLibrary) and receiver.name == "base_model":
            subject = receiver.receiver
        while isinstance(inner := self.state.record(subject), Instance) and inner.parent is not None:
            subject = Reference(inner.parent)
        for kind in kinds:
            entry = tables.method(kind, name)
            if entry is not None:
                call = self.bind(f"{kinds[0]}:{name}", entry, node, subject, arguments, discarded)
                self._note_method(kinds[0], name, subject, call)
                if kind == "trainer" and name == "train":
                    self.run_overridden(receiver, node)
                result = entry.effect(self.whole, call)
                if kind == "trainer" and name == "train":
                    self.run_callbacks(receiver, node)
                # `nn.DataParallel(model).cuda()` is the wrapper, not the model in it
                own = isinstance(self.state.record(receiver), Instance)
                return receiver if own and result == subject else result
        call = self.unbound(node, subject, arguments, discarded, f"{kinds[0] if kinds else ''}:{name}")
        self._note_method(kinds[0] if kinds else "", name, subject, call)
        return tables.other_method(self.whole, receiver, name, call)

    def _note_method(self, kind: str, name: str, subject: Value, call: Call) -> None:
        if kind and (
            self.network_id(subject) is not None
            or isinstance(self.state.record(subject), Pipeline | Cache | Optimizer)
        ):
            self.emit(MethodCalled(**self.about(call, subject), kind=kind, method=name))
        else:
            self._note_other(call.node)

    def _note_other(self, node: cst.Call) -> None:
        """Notes that the method is called on something that `MethodCalled` does not tell of."""
        self.whole.called_on_others.setdefault(node, set()).add((self.where.entry, self.where.stack))

    # -- functions of the program

    # -- objects of the program


__all__ = ["Argument", "Calls"]
