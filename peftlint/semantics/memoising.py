"""Functions that give what they gave before: one that makes a model makes it once."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.records import Network, Pipeline, Wrapper
from peftlint.semantics.state import ATTRIBUTE_FRAME
from peftlint.semantics.values import Function, Reference, Sequence, Value, key_of

if TYPE_CHECKING:
    from peftlint.semantics.arguments import Argument
    from peftlint.semantics.state import State

#: decorators that keep every result for good; `functools.lru_cache` does so unless it is given a size
_KEEPING = frozenset(
    ["functools.lru_cache", "functools.cache", "functools.cached_property", "streamlit.cache_resource"]
)
_MODELS = (Network, Wrapper, Pipeline)


def memo_key(function: Function, arguments: Items[Argument]) -> str | None:
    """Under which name the function's result for these arguments is kept; None if it is made anew at each call."""
    if not any(name in _KEEPING for name in function.decorators):
        return None
    if (arguments and _is_bounded(function)) or any(argument.star for argument in arguments):
        return None
    given = sorted((argument.keyword or "", key_of(argument.value)) for argument in arguments)
    return f"memo:{id(function.node)}:{given}"


def _is_bounded(function: Function) -> bool:
    """Does the decorator say how many results are kept (`maxsize=8`, `max_entries=3`, `ttl=60`)?"""
    assert isinstance(function.node, cst.FunctionDef)
    return any(
        isinstance(decorator.decorator, cst.Call)
        and any(
            not (isinstance(arg.value, cst.Name) and arg.value.value == "None")
            for arg in decorator.decorator.args
        )
        for decorator in function.node.decorators
    )


def forget_memos(state: State, function: Function | None) -> None:
    """`load.cache_clear()`: the function makes a new one at its next call (None: every function does)."""
    beginning = "memo:" if function is None else f"memo:{id(function.node)}:"
    for name in [name for name in state.frames[ATTRIBUTE_FRAME] if name.startswith(beginning)]:
        state.unbind(ATTRIBUTE_FRAME, name)


def is_model(state: State, value: Value | None) -> bool:
    """A model, or a tuple with one: which object it is counts."""
    if isinstance(value, Sequence):
        return any(is_model(state, item) for item in value.items)
    return isinstance(value, Reference) and isinstance(state.record(value), _MODELS)
