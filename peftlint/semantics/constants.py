"""What Python itself makes of numbers and texts that the program names: `count > 1`, `mode.startswith("m")`, `bool(flag)`.

A condition that can be computed is no choice: both of its branches would be taken for possible otherwise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

#: as `a < b`: whether the two change places, and whether the result is negated. So `a > b` and `b < a` are one condition, and
#: `a <= b` is its opposite
ORDER: dict[type[cst.BaseCompOp], tuple[bool, bool]] = {
    cst.LessThan: (False, False),
    cst.GreaterThan: (True, False),
    cst.LessThanEqual: (True, True),
    cst.GreaterThanEqual: (False, True),
}
_OPERATORS: dict[type[cst.CSTNode], Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitAnd: operator.and_,
    cst.BitOr: operator.or_,
    cst.BitXor: operator.xor,
    cst.Subscript: operator.getitem,
}
#: of texts only what keeps them short: `a + b`, `"%s" % b`, `a[0]`
_OF_TEXTS = (cst.Add, cst.Modulo, cst.Subscript)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "abs": abs,
    "len": len,
    "round": round,
    "min": min,
    "max": max,
}
METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "is_integer",
        "isalnum",
        "isalpha",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "isupper",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
#: what is larger is not computed: a program may say `"x" * 10**9`
_LARGEST_NUMBER = 1e15
_LONGEST_TEXT = 10_000


def is_small(value: object) -> bool:
    """Is it a number, a text, None or a few of them that may be computed with?"""
    if isinstance(value, list | tuple):
        return len(value) <= _LONGEST_TEXT and all(map(is_small, value))
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    if isinstance(value, int | float):
        return abs(value) <= _LARGEST_NUMBER
    return value is None


def less(left: object, right: object) -> bool | None:
    """`left < right`; None if Python would refuse."""
    return _tried(operator.lt, left, right)  # type: ignore[no-any-return]


def within(left: object, right: object) -> bool | None:
    """`left in right`, of texts; None if Python would refuse."""
    return _tried(operator.contains, right, left)  # type: ignore[no-any-return]


def binary(kind: type[cst.CSTNode], left: object, right: object) -> Any:
    """The value of a binary operation, None if it is not computed."""
    function = _OPERATORS.get(kind)
    if function is None or left is None or right is None:
        return None
    if isinstance(left, str) or isinstance(right, str):
        if not isinstance(left, str) or kind not in _OF_TEXTS:
            return None
    return _tried(function, left, right)


def function(name: str, arguments: Sequence[object]) -> Any:
    """The value of a call of a builtin function, None if it is not computed."""
    called = _FUNCTIONS.get(name)
    return None if called is None else _tried(called, *arguments)


def method(value: object, name: str, arguments: Sequence[object]) -> Any:
    """The value of a call of a method of a number or text, None if it is not computed."""
    if name not in METHODS or not hasattr(value, name):
        return None
    return _tried(getattr(value, name), *arguments)


def _tried(called: Callable[..., Any], *arguments: object) -> Any:
    if not all(is_small(argument) for argument in arguments):
        return None
    try:
        result = called(*arguments)
    except (TypeError, ValueError, ArithmeticError, LookupError):
        return None
    return result if is_small(result) else None
