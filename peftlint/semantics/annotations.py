"""What an annotation tells about a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.effects.opaque import opaque_network, promote
from peftlint.semantics.records import Config, Instance, Pipeline
from peftlint.semantics.values import Class, Library, Symbol, Value

if TYPE_CHECKING:
    from peftlint.semantics.calls import Calls

_WRAPPINGS = ("Optional", "Annotated", "Final", "ClassVar")


def value_of_annotation(interpreter: Calls, node: cst.BaseExpression, symbol: Symbol) -> Value | None:
    """A value of the annotated type, of which nothing else is known; None if the type says nothing to us."""
    names = _names(interpreter, node)
    if len(names) != 1:
        # a union of a model and something else: which it is decides at run time
        return None
    return _value(interpreter, names[0], symbol)


def may_be_none(node: cst.BaseExpression) -> bool:
    """Does the annotation allow None: `X | None`, `Optional[X]`, `Union[X, None]`, in quotes or not?"""
    match node:
        case cst.Name(value="None"):
            return True
        case cst.SimpleString():
            try:
                return may_be_none(cst.parse_expression(str(node.evaluated_value)))
            except Exception:  # an annotation may be any text
                return False
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return may_be_none(left) or may_be_none(right)
        case cst.Subscript(value=value, slice=elements):
            name = value.attr.value if isinstance(value, cst.Attribute) else getattr(value, "value", "")
            arguments = [e.slice.value for e in elements if isinstance(e.slice, cst.Index)]
            return name == "Optional" or (name in ("Union", *_WRAPPINGS) and any(map(may_be_none, arguments)))
    return False


def _names(interpreter: Calls, node: cst.BaseExpression) -> list[Value]:
    match node:
        case cst.SimpleString():
            try:
                inner = cst.parse_expression(str(node.evaluated_value))
            except Exception:  # an annotation may be any text
                return []
            return _names(interpreter, inner)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _names(interpreter, left) + _names(interpreter, right)
        case cst.Name(value="None"):
            return []
        case cst.Subscript(value=value, slice=elements):
            arguments = [e.slice.value for e in elements if isinstance(e.slice, cst.Index)]
            name = value.attr.value if isinstance(value, cst.Attribute) else getattr(value, "value", "")
            if name in _WRAPPINGS and arguments:
                return _names(interpreter, arguments[0])
            if name == "Union":
                return [found for each in arguments for found in _names(interpreter, each)]
            return []
        case cst.Name() | cst.Attribute():
            return [interpreter.evaluate(node)]
    return []


def _value(interpreter: Calls, cls: Value, symbol: Symbol) -> Value | None:
    if isinstance(cls, Class):
        return None
    if not isinstance(cls, Library):
        return None
    name = cls.name
    last = name.rpartition(".")[2]
    if name.startswith("peft.PeftModel") or name == "peft.PeftMixedModel":
        return promote(interpreter.whole, symbol, wrapped=True)
    if name.startswith("peft.") and last.endswith("Config"):
        return interpreter.make(Config(last, complete=False))
    if name == "accelerate.Accelerator":
        return interpreter.make(Instance(name))
    modelled = last.endswith(("Model", "ValueHead")) or "For" in last
    if name.startswith(("transformers.", "trl.")) and modelled and not last.endswith("Config"):
        return interpreter.make(opaque_network("unknown", last))
    if name.startswith("diffusers.") and "Pipeline" in last:
        return interpreter.make(
            Pipeline("pipeline", class_name=last, closed=False, active=None, uncertain=True)
        )
    return None
