"""Matching module names against the regular expressions of a config, with a limit on time.

PEFT matches these with Python's `re`, which a pattern from a stranger can keep busy for ever. Patterns that
are not plainly harmless are matched in a child process that is ended after some seconds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache

SECONDS = 5.0
#: letters, digits, dots, escapes, one level of alternatives without repeats, at most three `.*` or `\d+`
_HARMLESS = re.compile(
    r"(?:[\w.\-|^$\\]|\((?:\?:)?(?=[\w.\-|\\]*\))|\)(?![*+?{])|\[[\w\-]*\](?![*+{]))*", re.ASCII
)
_CHILD = (
    "import json, re, sys\n"
    "patterns, names = json.load(sys.stdin)\n"
    "json.dump([[i for i, name in enumerate(names) if re.fullmatch(p, name)] for p in patterns], "
    "sys.stdout)\n"
)


class PatternTooCostly(Exception):
    """The pattern did not finish on the names within the time allowed."""


class PatternInvalid(Exception):
    """The pattern is not a regular expression; the message is Python's."""


def fullmatches(pattern: str, names: Sequence[str]) -> frozenset[str]:
    """The names that the whole pattern matches. Raises `PatternTooCostly` or `PatternInvalid`."""
    return _matches((pattern,), tuple(names), "{}")[0]


def ends_matching(patterns: Sequence[str], names: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each key of rank_pattern or alpha_pattern the names that it stands for, as PEFT's `get_pattern_key`
    (0.21).

    Raises `PatternTooCostly` or `PatternInvalid`.
    """
    found = _matches(tuple(patterns), tuple(names), r"(?:.*\.)?(?:{})")
    return dict(zip(patterns, found, strict=True))


@lru_cache(maxsize=256)
def _matches(patterns: tuple[str, ...], names: tuple[str, ...], frame: str) -> tuple[frozenset[str], ...]:
    whole = tuple(frame.replace("{}", pattern) for pattern in patterns)
    for pattern in whole:
        if len(pattern) > 20_000:
            raise PatternTooCostly(pattern[:80])
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as failure:
            raise PatternInvalid(str(failure)) from failure
    if all(_harmless(pattern) for pattern in patterns):
        return tuple(frozenset(name for name in names if re.fullmatch(pattern, name)) for pattern in whole)
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            input=json.dumps([whole, names]),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as failure:
        raise PatternTooCostly(", ".join(patterns)[:80]) from failure
    return tuple(frozenset(names[index] for index in found) for found in json.loads(child.stdout))


def _harmless(pattern: str) -> bool:
    """No repeat other than a few of `.*`, `.+`, `\\d+`, none of them inside another."""
    without_repeats = re.sub(r"\.[*+]\??|\\d\+", "x", pattern)
    few = len(re.findall(r"[*+]", pattern)) <= 3
    return few and len(pattern) <= 500 and _HARMLESS.fullmatch(without_repeats) is not None
