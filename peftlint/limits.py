"""What is not even tried: programs on which the parser would take minutes, or end the process."""

from __future__ import annotations

import ast
import warnings

from peftlint.sources.base import SourceError

#: Characters of a program. libcst reads about 100,000 lines in ten seconds or more, in one piece.
LARGEST_PROGRAM = 3_000_000
#: Python's own tokenizer takes no deeper nesting of brackets; libcst's parser runs out of stack, which kills.
DEEPEST_NESTING = 200

#: An expression nested deeper than this (a chain of `a.b.c`, `a + b + c`) takes libcst's parser minutes.
DEEPEST_EXPRESSION = 1000
#: Lines up to this length are not looked at for such chains.
_USUAL_LINE = 2 * DEEPEST_EXPRESSION

_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))


def refuse(code: str) -> None:
    """Raises `SourceError` if the program is too large, or nested too deeply to be Python."""
    if len(code) > LARGEST_PROGRAM:
        size, limit = len(code) / 1e6, LARGEST_PROGRAM / 1e6
        raise SourceError(
            f"is too large to be checked ({size:.1f} million characters; the limit is {limit:.0f})"
        )
    _refuse_chains(code)
    if _nesting(code) <= DEEPEST_NESTING:
        return
    # Brackets in strings and comments were counted too: Python's own parser, which has a limit, decides.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise SourceError(f"brackets are nested more than {DEEPEST_NESTING} deep", line) from None


def _refuse_chains(code: str) -> None:
    if len(code) <= _USUAL_LINE or max(map(len, code.splitlines())) <= _USUAL_LINE:
        return
    line = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (RecursionError, MemoryError):
        line = 1
    except (SyntaxError, ValueError):
        # the parser that is asked next says what is wrong, and where
        return
    else:
        # a stack and no recursion; depth counts expressions only
        pending: list[tuple[ast.AST, int]] = [(tree, 0)]
        while pending and line is None:
            node, depth = pending.pop()
            if depth > DEEPEST_EXPRESSION:
                line = getattr(node, "lineno", 1)
            inner = depth + 1 if isinstance(node, ast.expr) else 0
            pending.extend((child, inner) for child in ast.iter_child_nodes(node))
    if line is not None:
        raise SourceError(f"an expression is nested more than {DEEPEST_EXPRESSION} deep", line)


def _nesting(code: str) -> int:
    depth = deepest = 0
    for bracket in code.encode("utf-8", "replace").translate(None, _NO_BRACKETS):
        if bracket in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest
