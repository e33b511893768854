"""Expressions to values."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import libcst as cst

from peftlint.semantics import constants
from peftlint.semantics.api.names import CACHE_NAMES
from peftlint.semantics.effects import diffusion
from peftlint.semantics.events import AttributeRead, NameUsed
from peftlint.semantics.iteration import Iteration
from peftlint.semantics.records import (
    Config,
    DictBox,
    Instance,
    ListBox,
    Network,
    Output,
    Pipeline,
    Trainer,
    Wrapper,
)
from peftlint.semantics.state import ATTRIBUTE_FRAME
from peftlint.semantics.values import (
    FALSE,
    NONE,
    TRUE,
    WRITTEN,
    BoundLibrary,
    BoundMethod,
    Class,
    Constant,
    Function,
    Library,
    ModuleValue,
    Reference,
    Sequence,
    Super,
    Symbol,
    Value,
    key_of,
    parts_of,
    sources_of,
)

#: packages whose names come and go
_WATCHED = frozenset(("peft", "transformers", "diffusers", "trl"))
_LITERALS = frozenset({cst.SimpleString, cst.Integer, cst.Float})
_NAME_CONSTANTS = {"True": TRUE, "False": FALSE, "None": NONE}


def _below(wrapper: Wrapper) -> int:
    """What the wrapper is around: another wrapper, or the network."""
    return wrapper.network if wrapper.nested is None else wrapper.nested


@lru_cache(maxsize=16384)
def _literal(kind: type[cst.SimpleString | cst.Integer | cst.Float], text: str) -> Constant:
    return Constant(kind(text).evaluated_value)


class Expressions(Iteration):
    """`evaluate` dispatches on the node's type; what calls do is in `calls`."""

    # -- provided by other parts

    # -- dispatch

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """The value of the expression on the current path."""
        # the commonest first, by exact type: matching classes is ten times slower
        kind = type(node)
        if kind is cst.Name:
            name = node.value  # type: ignore[attr-defined]
            found = _NAME_CONSTANTS.get(name) or self.lookup(name)
            if self.stars and type(found) is Library:
                self.note_starred(node, name)
            return found
        if kind is cst.Attribute:
            owner = self.evaluate(node.value)  # type: ignore[attr-defined]
            name = node.attr.value  # type: ignore[attr-defined]
            if name == "active_adapters" and (network := self.network_id(owner)) is not None:
                handle = owner.id if isinstance(owner, Reference) else None
                self.emit(
                    AttributeRead(
                        node=node, syntax=self.syntax, network=network, handle=handle, attribute=name
                    )
                )
            if type(owner) is Library:
                self.note_use(node, owner.name, name)
            return self.attribute(owner, name)
        if kind is cst.Call:
            return self.evaluate_call(node)  # type: ignore[arg-type]
        if kind in _LITERALS:
            return _literal(kind, node.value)  # type: ignore[attr-defined]
        if kind is cst.Comparison:
            return self._comparison(node)  # type: ignore[arg-type]
        if kind is cst.BooleanOperation:
            return self._boolean(node)  # type: ignore[arg-type]
        if kind is cst.Subscript:
            return self._subscript(node)  # type: ignore[arg-type]
        if kind is cst.UnaryOperation:
            return self._unary(node)  # type: ignore[arg-type]
        if kind is cst.BinaryOperation:
            return self._binary(node)  # type: ignore[arg-type]
        if kind is cst.FormattedString or kind is cst.ConcatenatedString:
            return self._string(node)  # type: ignore[arg-type]
        match node:
            case cst.Tuple(elements=elements):
                return Sequence(self._elements(elements))
            case cst.List(elements=elements):
                closed = not any(isinstance(element, cst.StarredElement) for element in elements)
                return self.make(ListBox(self._elements(elements), closed))
            case cst.Set(elements=elements):
                return self.make(ListBox(self._elements(elements)))
            case cst.Dict():
                return self._dictionary(node)
            case cst.IfExp(test=test, body=body, orelse=orelse):
                return self.evaluate(body if self.condition(test) else orelse)
            case cst.Lambda():
                return Function("<lambda>", node, self.where.frame, self.syntax)
            case cst.NamedExpr(target=target, value=value):
                result = self._assigned_value(value, [target])
                self.assign(target, result)
                return result
            case cst.Await(expression=expression):
                return self.evaluate(expression)
            case cst.Yield():
                return self._yield(node)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp() | cst.DictComp():
                return self._comprehension(node)
            case _:
                return self.fresh("expression")

    # -- names and attributes

    def attribute(self, value: Value, name: str) -> Value:
        match value:
            case Library(name=library):
                return self.library(f"{library}.{name}")
            case ModuleValue():
                return self.module_attribute(value, name)
            case Reference():
                return self._record_attribute(value, name)
            case Symbol():
                assigned = self.state.frames[ATTRIBUTE_FRAME].get(f"{value.key}.{name}")
                return assigned or Symbol(f"{value.key}.{name}", value.sources, value.parts | {value.key})
            case Class():
                member = value.lookup(name)
                if isinstance(member, Function) and "classmethod" in member.decorators:
                    return BoundMethod(value, member)
                if member is not None:
                    return member
                bases = sorted(value.library_bases())
                return self.library(f"{bases[0]}.{name}") if bases else Symbol(f"{value.name}.{name}")
            case Super(instance=instance, owner=owner):
                for base in owner.bases:
                    if isinstance(base, Class) and (member := base.lookup(name)) is not None:
                        return BoundMethod(instance, member) if isinstance(member, Function) else member
                return BoundLibrary(value, name)
            case BoundLibrary():
                return self.model_attribute(value, name)
            case Constant() if name == "value":
                # a member of an Enum stands for its value
                return value
            case _:
                return Symbol(f"{key_of(value)}.{name}", sources_of(value), parts_of(value))

    def note_use(self, node: cst.CSTNode, module: str, name: str) -> None:
        """Notes a name of a library that is reached by its module."""
        if module.partition(".")[0] in _WATCHED and module.rpartition(".")[2].islower():
            self.emit(NameUsed(node=node, syntax=self.syntax, path=f"{module}.{name}"))

    def library(self, dotted: str) -> Value:
        from peftlint.semantics.api.names import canonical

        return Library(canonical(dotted))

    def _record_attribute(self, value: Reference, name: str) -> Value:
        record = self.state.record(value)
        if isinstance(record, Instance):
            found = record.attribute(name)
            if found is not None:
                return found
            if isinstance(record.cls, Class):
                member = record.cls.lookup(name)
                if isinstance(member, Function):
                    return self._bind(value, member)
                if member is not None:
                    return member
                if name == "__class__":
                    return record.cls
            if record.parent is not None:
                inner = self.attribute(Reference(record.parent), name)
                return (
                    BoundLibrary(value, name)
                    if inner == BoundLibrary(Reference(record.parent), name)
                    else inner
                )
            return BoundLibrary(value, name)
        return self.model_attribute(BoundLibrary(value, name), None)

    def _bind(self, instance: Reference, member: Function) -> Value:
        if "staticmethod" in member.decorators:
            return member
        bound = BoundMethod(instance, member)
        if any(d in ("property", "cached_property", "functools.cached_property") for d in member.decorators):
            return self.call_value(bound, (), _EMPTY_CALL)
        return bound

    def model_attribute(self, bound: BoundLibrary, further: str | None) -> Value:
        """`model.name` (further None) or `model.name.further`: the layers below a wrapper, else opaque."""
        record = self.state.record(bound.receiver)
        if isinstance(record, Wrapper) and bound.name == "base_model":
            if further is None:
                return bound
            return Reference(_below(record)) if further == "model" else BoundLibrary(bound, further)
        if isinstance(record, Wrapper) and bound.name == "model":
            # a PeftModel hands on what it does not have itself: this is `model.base_model.model`
            below = Reference(_below(record))
            return below if further is None else self.attribute(below, further)
        if (
            isinstance(record, Network)
            and bound.name == "pretrained_model"
            and "ValueHead" in record.class_name
        ):
            # TRL's models with a value head: the model below it
            return bound.receiver if further is None else self.attribute(bound.receiver, further)
        if isinstance(record, Trainer) and bound.name == "model" and record.model is not None:
            return record.model if further is None else self.attribute(record.model, further)
        if isinstance(record, Trainer) and bound.name == "accelerator" and further is None:
            return self.make(Instance("accelerate.Accelerator"))
        if isinstance(record, Output):
            # .logits, .loss, .past_key_values, .sequences
            if further is None:
                if bound.name in CACHE_NAMES and record.cache is not None:
                    return Reference(record.cache)
                return Symbol(f"{key_of(bound)}", frozenset({bound.receiver.id}))  # type: ignore[union-attr]
            return Symbol(f"{key_of(bound)}.{further}", sources_of(bound))
        if further is None:
            assigned = self.state.frames[ATTRIBUTE_FRAME].get(key_of(bound))
            if assigned is None and isinstance(record, Pipeline) and record.kind == "pipeline":
                assigned = diffusion.part(self.whole, bound)
            return assigned if assigned is not None else bound
        return Symbol(f"{key_of(bound)}.{further}", sources_of(bound))

    # -- literals

    def _elements(self, elements: Any) -> tuple[Value, ...]:
        items: list[Value] = []
        for element in elements:
            value = self.evaluate(element.value)
            if isinstance(element, cst.StarredElement):
                known, _ = self.items_of(value)
                items.extend(known)
            else:
                items.append(value)
        return tuple(items)

    def _string(self, node: cst.ConcatenatedString | cst.FormattedString) -> Value:
        pieces: list[Value] = []
        pending: list[cst.CSTNode] = [node]
        while pending:
            piece = pending.pop(0)
            match piece:
                case cst.ConcatenatedString(left=left, right=right):
                    pending[:0] = [left, right]
                case cst.FormattedString(parts=parts):
                    pending[:0] = list(parts)
                case cst.FormattedStringText(value=literal):
                    pieces.append(Constant(literal))
                case cst.FormattedStringExpression(expression=expression):
                    pieces.append(self.evaluate(expression))
                case cst.SimpleString():
                    pieces.append(_literal(cst.SimpleString, piece.value))
        if all(isinstance(piece, Constant) for piece in pieces):
            return Constant("".join(str(piece.value) for piece in pieces))  # type: ignore[union-attr]
        made = self.combined("f", *pieces)
        written = {f"{WRITTEN}{p.value}" for p in pieces if isinstance(p, Constant)}
        return replace(made, parts=made.parts | written)

    def combined(self, operation: str, *values: Value) -> Symbol:
        """A symbol made from the values: equal if operation and values are."""
        key = f"{operation}({','.join(key_of(value) for value in values)})"
        if len(key) > 300:
            key = f"{operation}#{hash(key)}"
        parts: frozenset[str] = frozenset()
        sources: frozenset[int] = frozenset()
        for value in values:
            parts |= parts_of(value)
            sources |= sources_of(value)
        return Symbol(key, sources, parts)

    def _dictionary(self, node: cst.Dict) -> Value:
        items: list[tuple[Value, Value]] = []
        closed = True
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                items.append((self.evaluate(element.key), self.evaluate(element.value)))
            else:
                value = self.evaluate(element.value)
                box = self.state.get(value, DictBox)
                if box is None:
                    closed = False
                else:
                    items.extend(box.items)
                    closed = closed and box.closed
        return self.make(DictBox(tuple(dict(items).items()), closed))

    def _subscript(self, node: cst.Subscript) -> Value:
        value = self.evaluate(node.value)
        if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
            part = self.sliced(value, node.slice[0].slice)
            if part is not None:
                return part
        if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
            return Symbol(f"{key_of(value)}[{self.syntax.text(node)}]", sources_of(value), parts_of(value))
        return self.item(value, self.evaluate(node.slice[0].slice.value))

    def item(self, value: Value, index: Value) -> Value:
        """`value[index]`."""
        record = self.state.record(value)
        if (
            isinstance(value, BoundLibrary)
            and value.name == "peft_config"
            and self.network(value.receiver) is not None
        ):
            # the config of one of the model's adapters, whatever it holds
            return self.make(Config("PeftConfig", complete=False))
        match record:
            case DictBox():
                found = record.get(index)
                if found is not None:
                    return found
                if record.closed and not isinstance(index, Constant) and self._are_options(record):
                    for key, item in record.items[:3]:
                        if self.decided(f"{key_of(index)}=={key_of(key)}", parts_of(index)):
                            return item
                    return record.items[-1][1]
            case ListBox() if record.closed:
                value = Sequence(record.items)
            case Output():
                return Symbol(f"{key_of(value)}[{key_of(index)}]", sources_of(value))
            case Instance() if isinstance(index, Constant) and isinstance(index.value, str):
                # `vars(args)["name"]`
                found = record.attribute(index.value)
                if found is not None:
                    return found
        if isinstance(value, Sequence) and isinstance(index, Constant) and isinstance(index.value, int):
            if -len(value.items) <= index.value < len(value.items):
                return value.items[index.value]
        if isinstance(value, Constant) and isinstance(index, Constant):
            letter = constants.binary(cst.Subscript, value.value, index.value)
            if letter is not None:
                return Constant(letter)
        sources = sources_of(value)
        if isinstance(record, DictBox | ListBox):
            sources = frozenset()
        return Symbol(f"{key_of(value)}[{key_of(index)}]", sources, parts_of(value) | parts_of(index))

    def _are_options(self, box: DictBox) -> bool:
        """Does it matter which of them is taken: models, or functions and classes of which some are about PEFT?"""
        values = [value for _, value in box.items]
        if all(isinstance(value, Function | Class) for value in values):
            functions = [m for v in values for m in (v.every_member() if isinstance(v, Class) else (v,))]
            return any(isinstance(f, Function) and f.syntax.relevance.strong(f.node) for f in functions)
        return bool(values) and all(self.state.matters(value) for value in values)

    # -- operators

    # -- conditions

    # -- iteration


_EMPTY_CALL = cst.Call(func=cst.Name("property"))
