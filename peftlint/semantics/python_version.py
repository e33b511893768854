"""Conditions on the version of Python that runs the program: those that no supported Python, or every one, fulfils."""

from __future__ import annotations

import libcst as cst

from peftlint.semantics.values import Constant, Library, Sequence, Symbol, Value, key_of

#: the oldest Python that a release of PEFT has been for (Requires-Python of 0.1 to 0.5: ">=3.7")
OLDEST = (3, 7)
_NEXT = (4,)
_WHOLE = (
    "sys.version_info",
    "sys.version_info[sys.version_info[:2]]",
    "sys.version_info[sys.version_info[:3]]",
)
_MAJOR = ("sys.version_info[0]", "sys.version_info.major")


def python_version_is(left: Value, operator: cst.BaseCompOp, right: Value) -> bool | None:
    """The truth of `sys.version_info < (3, 0)` and the like; None if that depends on the Python."""
    if not isinstance(left, Library | Symbol):
        return None
    key = key_of(left)
    if key in _MAJOR and isinstance(right, Constant) and isinstance(right.value, int):
        return _major(operator, right.value)
    if key not in _WHOLE or not isinstance(right, Sequence) or not right.items:
        return None
    bound = tuple(
        item.value for item in right.items if isinstance(item, Constant) and isinstance(item.value, int)
    )
    if len(bound) != len(right.items):
        return None
    match operator:
        case cst.LessThan() | cst.LessThanEqual():
            below = bound <= OLDEST if isinstance(operator, cst.LessThan) else bound < OLDEST
            return False if below else (True if bound >= _NEXT else None)
        case cst.GreaterThan() | cst.GreaterThanEqual():
            above = bound <= OLDEST if isinstance(operator, cst.GreaterThanEqual) else bound < OLDEST
            return True if above else (False if bound >= _NEXT else None)
    return None


def _major(operator: cst.BaseCompOp, number: int) -> bool | None:
    match operator:
        case cst.LessThan():
            return number > 3
        case cst.LessThanEqual():
            return number >= 3
        case cst.GreaterThan():
            return number < 3
        case cst.GreaterThanEqual():
            return number <= 3
        case cst.Equal():
            return number == 3
        case cst.NotEqual():
            return number != 3
    return None
