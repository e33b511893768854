"""The imports that a check needs, which are most of the time that a single script takes, made shorter.

libcst defines two hundred dataclasses. For each of them `dataclasses` compiles a `__repr__` and an `__eq__`, only to
find that the class has its own and to drop them; and the cyclic collector looks again and again at objects that stay.
"""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, cast

_dataclass = dataclasses.dataclass


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cyclic collector: for what makes many objects, none of which becomes garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def import_interpreter() -> None:
    """Import libcst and what reads its trees, once. Where they are imported without it they only take longer."""
    dataclasses.dataclass = _lean  # type: ignore[assignment]
    try:
        with uncollected():
            import libcst  # noqa: F401

            import peftlint.semantics.analysis  # noqa: F401
    finally:
        dataclasses.dataclass = _dataclass


def _lean(cls: type | None = None, /, **options: Any) -> Callable[[type], type] | type:
    """`dataclasses.dataclass`, which does not make what the class brings along, nor what guards frozen ones.

    The objects are the same. That nothing is set on a frozen one is the type checker's business; at run time it would
    make each of them, and so each node of a tree, an eighth slower to make.
    """
    if cls is None:
        return cast("Callable[[type], type]", partial(_lean, **options))
    own = vars(cls)
    if "__repr__" in own:
        options["repr"] = False
    hashed = own.get("__hash__") is not None
    # without a hash of its own a class is given one because it has `eq`
    if "__eq__" in own and hashed:
        options["eq"] = False
    if options.get("frozen") and all(_is_lean(base) for base in cls.__mro__[1:]):
        options["frozen"] = False
        options["unsafe_hash"] = options.get("eq", True) and not hashed
    return _dataclass(cls, **options)


def _is_lean(base: type) -> bool:
    parameters = vars(base).get("__dataclass_params__")
    return parameters is None or not parameters.frozen
