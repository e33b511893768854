"""Objects of the program: making them, their attributes, and classes derived from library classes."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api import tables
from peftlint.semantics.arguments import Argument
from peftlint.semantics.effects.training import hand_out_loss
from peftlint.semantics.records import (
    DictBox,
    Instance,
    ListBox,
    Trainer,
)
from peftlint.semantics.values import (
    NONE,
    BoundMethod,
    Class,
    Constant,
    FieldDefault,
    Function,
    Reference,
    Super,
    Symbol,
    Value,
    parts_of,
    sources_of,
)

if TYPE_CHECKING:
    pass

from peftlint.semantics.following import Following

#: what these have comes from the environment: a default only holds where that says nothing
SETTINGS_BASES = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings")

#: hooks of a `TrainerCallback` that run once something is trained, in this order
_HOOKS = ("on_step_end", "on_epoch_end", "on_evaluate", "on_save", "on_train_end")


class Objects(Following):
    """Objects of the program: making them, their attributes, and classes derived from library classes."""

    def instantiate(self, cls: Class, arguments: Items[Argument], node: cst.Call) -> Value:
        """A new object: `__init__` is followed, dataclass and NamedTuple fields are set."""
        if len(arguments) == 1 and isinstance(arguments[0].value, Constant) and cls.is_enum:
            # `Mode("train")` is the member, which stands for its value
            return arguments[0].value
        instance = self.make_once(Instance(cls), node)
        tables.adopt_library_bases(self.whole, cls, instance, self.unbound(node, None, arguments, False))
        initializer = cls.lookup("__init__")
        if isinstance(initializer, Function):
            self.dispatch(BoundMethod(instance, initializer), arguments, node, False)
            return instance
        if any(tables.is_trainer(base) for base in cls.library_bases()):
            self.initialise_base(Super(instance, cls), arguments, node)
            return instance
        if cls.fields:
            values = self._field_values(cls, instance, arguments, node)
            self.state.change(instance.id, attributes=tuple(values.items()))
            after = cls.lookup("__post_init__")
            if isinstance(after, Function):
                self.dispatch(BoundMethod(instance, after), [], node, False)
        elif not cls.fully_known:
            self.escape(self.unbound(node, None, arguments, False), [a.value for a in arguments])
        return instance

    def _field_values(
        self, cls: Class, instance: Reference, arguments: Items[Argument], node: cst.Call
    ) -> dict[str, Value]:
        """What the fields of a new record hold: what is given, else their defaults."""
        given: dict[str, Value] = {}
        for argument in arguments:
            if argument.keyword is not None:
                given[argument.keyword] = argument.value
        positions = list(cls.fields)
        for argument in arguments:
            if argument.star or not positions:
                break
            if argument.keyword is None:
                given[positions.pop(0)] = argument.value
        # `Options(**json.load(file))` gives what nobody sees here
        unseen = any(a.star for a in arguments) or not cls.library_bases().isdisjoint(SETTINGS_BASES)
        values: dict[str, Value] = {}
        for name in dict.fromkeys((*cls.fields, *given)):
            default = given[name] if name in given else None if unseen else cls.lookup(name)
            if isinstance(default, FieldDefault):
                default = self.dispatch(default.factory, [], node, False)
            values[name] = default if default is not None else Symbol(f"#{instance.id}.{name}")
        return values

    def initialise_base(self, receiver: Super, arguments: Items[Argument], node: cst.Call) -> Value:
        """`super().__init__(...)` of a class derived from a library's trainer or model: the object is one, too."""
        for base in sorted(receiver.owner.library_bases()):
            entry = tables.function(base)
            if entry is not None and isinstance(receiver.instance, Reference):
                made = entry.effect(self.whole, self.bind(base, entry, node, None, arguments, False))
                if isinstance(made, Reference) and self.state.get(receiver.instance, Instance) is not None:
                    self.state.change(receiver.instance.id, parent=made.id)
                break
        return NONE

    def run_overridden(self, receiver: Value, node: cst.Call) -> None:
        """What a trainer's `train()` calls of the program: `compute_loss(model, inputs)`, `training_step(model, inputs)`."""
        record = self.state.get(receiver, Instance)
        trainer = (
            self.state.get(Reference(record.parent), Trainer)
            if record is not None and record.parent
            else None
        )
        if record is None or trainer is None or trainer.model is None or not isinstance(record.cls, Class):
            return
        for name in ("training_step", "compute_loss"):
            method = record.cls.lookup(name)
            if isinstance(method, Function):
                arguments = [Argument(receiver), Argument(trainer.model), Argument(self.fresh("inputs"))]
                loss = self.follow(method, arguments, node)
                if isinstance(method.node, cst.FunctionDef):
                    # the trainer goes back through it
                    outer, self.syntax = self.syntax, method.syntax
                    hand_out_loss(self.whole, method.node.name, loss)
                    self.syntax = outer

    def run_callbacks(self, receiver: Value, node: cst.Call) -> None:
        """What a trainer's `train()` calls of the program's own callbacks, once something is trained."""
        record = self.state.record(receiver)
        if isinstance(record, Instance) and record.parent is not None:
            record = self.state.record(Reference(record.parent))
        if not isinstance(record, Trainer) or record.model is None:
            return
        given, _ = self.items_of(dict(record.arguments).get("callbacks", NONE))
        for value in given:
            callback = self.instantiate(value, [], node) if isinstance(value, Class) else value
            held = self.state.get(callback, Instance)
            if held is None or not isinstance(held.cls, Class):
                continue
            for hook in map(held.cls.lookup, _HOOKS):
                if isinstance(hook, Function):
                    arguments = [callback, *map(self.fresh, ("args", "state", "control"))]
                    # the others (tokenizer, optimizer, metrics) come by keyword as well
                    others = Argument(self.fresh("others"), star="**")
                    model = Argument(record.model, None, "model")
                    self.follow(hook, [*map(Argument, arguments), model, others], node)

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
