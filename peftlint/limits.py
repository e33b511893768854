"""What is not even tried: programs on which the parser would take minutes, or end the process."""

from __future__ import annotations

import ast
import warnings

from peftlint.sources.base import SourceError

#: Characters of a program. libcst reads about 100,000 lines in ten seconds or more, in one piece.
LARGEST_PROGRAM = 3_000_000
#: Python's own tokenizer takes no deeper nesting of brackets; libcst's parser runs out of stack, which kills.
DEEPEST_NESTING = 200

_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))


def refuse(code: str) -> None:
    """Raises `SourceError` if the program is too large, or nested too deeply to be Python."""
    if len(code) > LARGEST_PROGRAM:
        size, limit = len(code) / 1e6, LARGEST_PROGRAM / 1e6
        raise SourceError(
            f"is too large to be checked ({size:.1f} million characters; the limit is {limit:.0f})"
        )
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


def _nesting(code: str) -> int:
    depth = deepest = 0
    for bracket in code.encode("utf-8", "replace").translate(None, _NO_BRACKETS):
        if bracket in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest
