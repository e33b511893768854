"""Whether a piece of code is Python, by the quickest judge at hand."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst

_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@dataclass(frozen=True)
class SyntaxFault:
    message: str
    line: int = 1
    column: int = 1


def syntax_fault(code: str) -> SyntaxFault | None:
    """None if the code is Python, for the interpreter at hand or, failing that, for libcst (newer syntax).

    The code is parsed, never compiled or run. Top-level `await` is allowed, as in notebooks.
    """
    null = code.find("\0")
    if null >= 0:
        before = code[:null].split("\n")
        return SyntaxFault("the code contains null bytes", len(before), len(before[-1]) + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<source>", "exec", _FLAGS, dont_inherit=True)
    except SyntaxError as error:
        fault = SyntaxFault(error.msg, max(error.lineno or 1, 1), max(error.offset or 1, 1))
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return SyntaxFault(str(error) or type(error).__name__)
    else:
        return None
    import libcst

    try:
        module = libcst.parse_module(code)
    except Exception:  # the native parser raises bare exceptions on odd input
        return fault
    return None if _literals_are_right(module) else fault


def _literals_are_right(module: libcst.Module) -> bool:
    """Have all strings and numbers a value? libcst does not look into them (`"\\N{no such name}"`, `b"é"`)."""
    import libcst

    pending: list[libcst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        pending.extend(node.children)
        if isinstance(node, libcst.SimpleString | libcst.Integer | libcst.Float | libcst.Imaginary):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    ast.literal_eval(node.value)
            except (SyntaxError, ValueError):
                return False
    return True
