"""Calls: binding arguments, following functions of the program, and asking the tables about library calls."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.core import MAX_DEPTH, Outcome
from peftlint.semantics.events import Call, FunctionCalled, MethodCalled
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
    NONE,
    BoundLibrary,
    BoundMethod,
    Class,
    Constant,
    Function,
    Library,
    ModuleValue,
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
    from peftlint.semantics.api.tables import Entry
    from peftlint.semantics.state import State

#: how often one function is followed in one source before its calls become unknown
MAX_FOLLOWED = 60


@dataclass(frozen=True)
class Argument:
    value: Value
    node: cst.Arg | None = None
    keyword: str | None = None
    star: str = ""


class Calls(Expressions):
    followed: dict[cst.CSTNode, int]

    # -- provided by other parts

    def run_body(self, body: cst.BaseSuite, state: State) -> tuple[list[Outcome[Value]], list[State]]:
        raise NotImplementedError

    def new_frame(self, function: Function) -> int:
        raise NotImplementedError

    def module_of(self, function: Function) -> int:
        raise NotImplementedError

    # -- the call expression

    def evaluate_call(self, node: cst.Call) -> Value:
        discarded = self.where.discarded is node
        if isinstance(node.func, cst.Attribute):
            receiver = self.evaluate(node.func.value)
            name = node.func.attr.value
            arguments = self._arguments(node)
            if isinstance(receiver, Symbol):
                assigned = self.attribute(receiver, name)
                if isinstance(assigned, Symbol):
                    return tables.unknown_method(self.whole, receiver, name, self._unbound(node, receiver, arguments, discarded))
                return self.dispatch(assigned, arguments, node, discarded)
            return self.dispatch(self._member(receiver, name), arguments, node, discarded)
        function = self.evaluate(node.func)
        return self.dispatch(function, self._arguments(node), node, discarded)

    def _member(self, receiver: Value, name: str) -> Value:
        if isinstance(receiver, Constant | Sequence | Partial | Function | BoundMethod | Super):
            found = self.attribute(receiver, name) if isinstance(receiver, Super) else None
            return found if found is not None else BoundLibrary(receiver, name)
        if isinstance(receiver, Reference) and not isinstance(self.state.record(receiver), Instance):
            member = self.attribute(receiver, name)
            return member if isinstance(member, BoundLibrary | Function | BoundMethod) else BoundLibrary(receiver, name)
        return self.attribute(receiver, name)

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
            found.append(Argument(value, arg, keyword, arg.star))
        return found

    def call_value(self, function: Value, args: tuple[Value, ...], node: cst.Call) -> Value:
        return self.dispatch(function, [Argument(value) for value in args], node, False)

    def call_with(
        self, function: Value, args: Items[Value], keywords: dict[str, Value], node: cst.Call
    ) -> Value:
        """The call `function(*args, **keywords)` that another call makes."""
        given = [Argument(value) for value in args] + [Argument(value, None, name) for name, value in keywords.items()]
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
                return tables.unknown_function(self.whole, function, self._unbound(node, None, arguments, discarded))

    def _call_object(self, value: Reference, arguments: Items[Argument], node: cst.Call, discarded: bool) -> Value:
        record = self.state.record(value)
        if isinstance(record, Instance) and isinstance(record.cls, Class):
            for name in ("__call__", "forward"):
                member = record.cls.lookup(name)
                if isinstance(member, Function):
                    return self.follow(member, [Argument(value), *arguments], node)
        return self._method_call(value, "__call__", arguments, node, discarded)

    # -- library calls

    def _unbound(
        self, node: cst.Call, receiver: Value | None, arguments: Items[Argument], discarded: bool, callee: str = ""
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
        return call

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
        return call

    def _library_call(self, name: str, arguments: Items[Argument], node: cst.Call, discarded: bool) -> Value:
        if name.startswith("builtins."):
            return tables.builtin(self.whole, name[9:], self._unbound(node, None, arguments, discarded, name), arguments)
        entry = tables.function(name)
        if entry is None:
            call = self._unbound(node, None, arguments, discarded, name)
            if tables.watched(name):
                self.emit(FunctionCalled(node=node, syntax=self.syntax, call=call, callee=name))
            return tables.unknown_library(self.whole, name, call)
        call = self.bind(name, entry, node, None, arguments, discarded)
        if tables.watched(name):
            self.emit(FunctionCalled(node=node, syntax=self.syntax, call=call, callee=name))
        return entry.effect(self.whole, call)

    def kinds(self, value: Value) -> tuple[str, ...]:
        """Under which names the method tables know the value, most specific first."""
        match self.state.record(value):
            case Wrapper(mixed=mixed):
                return ("mixed", "peft", "model") if mixed else ("peft", "model")
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

    def _method_call(
        self, receiver: Value, name: str, arguments: Items[Argument], node: cst.Call, discarded: bool
    ) -> Value:
        if isinstance(receiver, Super) and name == "__init__":
            return self._initialise_base(receiver, arguments, node)
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
                    self._run_overridden(receiver, node)
                return entry.effect(self.whole, call)
        call = self._unbound(node, subject, arguments, discarded, f"{kinds[0] if kinds else ''}:{name}")
        if kinds:
            self._note_method(kinds[0], name, subject, call)
        return tables.other_method(self.whole, receiver, name, call)

    def _initialise_base(self, receiver: Super, arguments: Items[Argument], node: cst.Call) -> Value:
        """`super().__init__(...)` of a class derived from a library's trainer or model: the object is one, too."""
        for base in sorted(receiver.owner.library_bases()):
            entry = tables.function(base)
            if entry is not None and isinstance(receiver.instance, Reference):
                made = entry.effect(self.whole, self.bind(base, entry, node, None, arguments, False))
                if isinstance(made, Reference) and self.state.get(receiver.instance, Instance) is not None:
                    self.state.change(receiver.instance.id, parent=made.id)
                break
        return NONE

    def _run_overridden(self, receiver: Value, node: cst.Call) -> None:
        """What a trainer's `train()` calls of the program: `compute_loss(model, inputs)`, `training_step(model, inputs)`."""
        record = self.state.get(receiver, Instance)
        trainer = self.state.get(Reference(record.parent), Trainer) if record is not None and record.parent else None
        if record is None or trainer is None or trainer.model is None or not isinstance(record.cls, Class):
            return
        for name in ("training_step", "compute_loss"):
            method = record.cls.lookup(name)
            if isinstance(method, Function):
                arguments = [Argument(receiver), Argument(trainer.model), Argument(self.fresh("inputs"))]
                self.follow(method, arguments, node)

    def _note_method(self, kind: str, name: str, subject: Value, call: Call) -> None:
        if self.network_id(subject) is not None or isinstance(self.state.record(subject), Pipeline | Cache | Optimizer):
            self.emit(MethodCalled(**self.about(call, subject), kind=kind, method=name))

    def is_method(self, value: BoundLibrary) -> bool:
        return value.name in ("base_model", "model") or any(
            tables.method(kind, value.name) is not None for kind in self.kinds(value.receiver)
        )

    # -- functions of the program

    def follow(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        """Runs the function's body with these arguments; beyond the bounds the call is unknown."""
        if function.syntax.relevance.yields(function.node) and self.where.yields is None:
            bound = self._as_partial(function, arguments)
            kind = "function" if function.is_generator_manager else "generator"
            return self.make(Context(kind, function=bound))
        return self.follow_now(function, arguments, node)

    def _as_partial(self, function: Function, arguments: Items[Argument]) -> Partial:
        positional = tuple(a.value for a in arguments if a.keyword is None and not a.star)
        return Partial(function, positional, tuple((a.keyword, a.value) for a in arguments if a.keyword))

    def _worth_following(self, function: Function, arguments: Items[Argument]) -> bool:
        """Can the call change or use a model, or is it short enough to be followed for its value?"""
        relevance = function.syntax.relevance
        if relevance.strong(function.node) or any(self.matters(a.value) for a in arguments):
            return True
        if function.frame != self.module_of(function) and self._closure_matters(function):
            return True
        if relevance.short(function.node) and len(self.where.functions) < 3:
            return True
        return relevance.mentions(function.node, self.mattering_globals(self.module_of(function)))

    def _closure_matters(self, function: Function) -> bool:
        variables = self.state.frames.get(function.frame, {})
        return any(self.matters(value) for value in variables.values() if value is not function)

    def mattering_globals(self, frame: int) -> list[str]:
        """Names of module variables that hold models and the like."""
        return [name for name, value in self.state.frames.get(frame, {}).items() if self.matters(value)]

    def matters(self, value: Value) -> bool:
        """Does the value lead to a model, config, cache ...?"""
        if isinstance(value, Reference | Sequence):
            return self.state.matters(value)
        if isinstance(value, Partial):
            return any(self.matters(item) for item in (*value.args, *(v for _, v in value.keywords)))
        if isinstance(value, BoundMethod):
            return self.matters(value.receiver)
        if isinstance(value, BoundLibrary):
            return self.matters(value.receiver)
        if isinstance(value, Function):
            return value.syntax.relevance.strong(value.node)
        return bool(sources_of(value))

    def follow_now(self, function: Function, arguments: Items[Argument], node: cst.Call) -> Value:
        if not self._worth_following(function, arguments):
            return self.derived(function.name, *(a.value for a in arguments))
        depth = self.where.functions.count(function.node)
        count = self.followed.get(function.node, 0)
        if depth >= 1 or len(self.where.functions) >= MAX_DEPTH or self.bounded or count >= MAX_FOLLOWED:
            return tables.unknown_function(self.whole, function, self._unbound(node, None, arguments, False))
        self.followed[function.node] = count + 1
        return self.pick(lambda: self._outcomes(function, arguments, node))

    def _outcomes(self, function: Function, arguments: Items[Argument], node: cst.Call) -> list[Outcome[Value]]:
        state = self.state.fork()
        guards = state.guards
        outer_syntax, outer_state = self.syntax, self.state
        frame = self.new_frame(function)
        state.new_frame(frame)
        self.state = state
        try:
            with self.surroundings(
                stack=(*self.where.stack, node),
                functions=(*self.where.functions, function.node),
                frame=frame,
                module_frame=self.module_of(function),
                discarded=None,
                no_grad=self.where.no_grad or function.is_inference,
            ):
                self.syntax = function.syntax
                self.bind_parameters(function, arguments, frame)
                if isinstance(function.node, cst.Lambda):
                    body = function.node.body
                    outcomes, _ = self.attempt(self.state, lambda: self.evaluate(body))
                else:
                    outcomes, _ = self.run_body(function.node.body, self.state)
        finally:
            self.syntax, self.state = outer_syntax, outer_state
        for outcome in outcomes:
            outcome.state.guards = guards
            if not function.syntax.relevance.makes_closures(function.node):
                outcome.state.drop_frame(frame)
        return outcomes

    def bind_parameters(self, function: Function, arguments: Items[Argument], frame: int) -> None:
        """Binds the parameters in the frame; those not given get their default or a symbol."""
        parameters = function.node.params
        named = [*parameters.posonly_params, *parameters.params]
        keyword_only = list(parameters.kwonly_params)
        names = [p.name.value for p in named]
        every = {p.name.value: p for p in (*named, *keyword_only)}
        given: dict[str, Value] = {}
        rest: list[Value] = []
        extra: list[tuple[Value, Value]] = []
        opened = False
        position = 0
        for argument in arguments:
            if argument.star:
                opened = True
            elif argument.keyword is not None:
                if argument.keyword in every:
                    given[argument.keyword] = argument.value
                else:
                    extra.append((Constant(argument.keyword), argument.value))
            elif position < len(names):
                given[names[position]] = argument.value
                position += 1
            else:
                rest.append(argument.value)
        for name, parameter in every.items():
            if name in given:
                value = given[name]
            elif opened:
                value = self.parameter_value(function, parameter, frame)
            elif name in function.defaults:
                value = function.defaults[name]
            else:
                value = self.parameter_value(function, parameter, frame)
            self.state.bind(frame, name, value)
        if isinstance(parameters.star_arg, cst.Param):
            self.state.bind(frame, parameters.star_arg.name.value, self.make(ListBox(tuple(rest), not opened)))
        if parameters.star_kwarg is not None:
            self.state.bind(frame, parameters.star_kwarg.name.value, self.make(DictBox(tuple(extra), not opened)))

    def parameter_value(self, function: Function, parameter: cst.Param, frame: int) -> Value:
        """What a parameter holds of which nothing is known but its annotation."""
        from peftlint.semantics.annotations import value_of_annotation

        symbol = Symbol(f"{function.name}@{self._line_key(function)}.{parameter.name.value}")
        if parameter.annotation is not None:
            typed = value_of_annotation(self, parameter.annotation.annotation, symbol)
            if typed is not None:
                return typed
        return symbol

    def _line_key(self, function: Function) -> str:
        return str(id(function.node))

    # -- objects of the program

    def instantiate(self, cls: Class, arguments: Items[Argument], node: cst.Call) -> Value:
        """A new object: `__init__` is followed, dataclass and NamedTuple fields are set."""
        instance = self.make(Instance(cls))
        tables.adopt_library_bases(self.whole, cls, instance, self._unbound(node, None, arguments, False))
        initializer = cls.lookup("__init__")
        if isinstance(initializer, Function):
            self.dispatch(BoundMethod(instance, initializer), arguments, node, False)
            return instance
        if any(tables.is_trainer(base) for base in cls.library_bases()):
            self._initialise_base(Super(instance, cls), arguments, node)
            return instance
        if cls.fields:
            values: dict[str, Value] = {}
            for name in cls.fields:
                default = cls.lookup(name)
                values[name] = default if default is not None else Symbol(f"#{instance.id}.{name}")
            position = 0
            for argument in arguments:
                if argument.keyword is not None:
                    values[argument.keyword] = argument.value
                elif not argument.star and position < len(cls.fields):
                    values[cls.fields[position]] = argument.value
                    position += 1
            self.state.change(instance.id, attributes=tuple(values.items()))
            after = cls.lookup("__post_init__")
            if isinstance(after, Function):
                self.dispatch(BoundMethod(instance, after), [], node, False)
        elif not cls.fully_known:
            self.escape(self._unbound(node, None, arguments, False), [a.value for a in arguments])
        return instance

    def set_attribute(self, instance: Reference, name: str, value: Value) -> None:
        record = self.state.get(instance, Instance)
        if record is not None:
            attributes = dict(record.attributes)
            attributes[name] = value
            self.state.store(instance.id, replace(record, attributes=tuple(attributes.items())))

    def derived(self, hint: str, *values: Value) -> Symbol:
        """The result of a call that is not known, made from the values."""
        sources = frozenset().union(*(self._model_sources(value) for value in values))
        parts = frozenset().union(*(parts_of(value) for value in values))
        return self.fresh(hint, sources, parts)

    def _model_sources(self, value: Value) -> frozenset[int]:
        found: set[int] = set()
        for identity in sources_of(value):
            match self.state.heap.get(identity):
                case ListBox(items=items):
                    for item in items:
                        found |= sources_of(item)
                case DictBox(items=pairs):
                    for _, item in pairs:
                        found |= sources_of(item)
                case Instance():
                    pass
                case _:
                    found.add(identity)
        return frozenset(found)


def _dotted(node: cst.BaseExpression) -> str:
    """A name for what is called: "self.model.foo"; "..." stands for anything but names."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr.value}"
    return "..."


__all__ = ["NONE", "Argument", "Calls", "ModuleValue", "key_of"]
