"""Where things stand in a JSON text: members, elements, and the characters inside a string.

The values themselves are read by the standard library's decoder; only the way down to them is walked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_decode = json.JSONDecoder(strict=False).raw_decode


@dataclass(frozen=True)
class Value:
    """A value and the range [start, end) of the text that it takes."""

    value: Any
    start: int
    end: int


def skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def value_at(text: str, at: int) -> Value:
    """Raises `json.JSONDecodeError`, `RecursionError`."""
    start = skip_space(text, at)
    value, end = _decode(text, start)
    return Value(value, start, end)


def members(text: str, at: int) -> Generator[tuple[str, int], int, None]:
    """(key, offset of the value) for each member of the object that starts at `at`.

    The end of the value is to be sent back (`generator.send(end)`). Ends by yielding ("", offset after the
    closing brace). Raises `json.JSONDecodeError`.
    """
    at = skip_space(text, at + 1)
    if text[at : at + 1] == "}":
        yield "", at + 1
        return
    while True:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key = value_at(text, at)
        at = skip_space(text, key.end)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        start = skip_space(text, at + 1)
        end = yield key.value or "\0", start
        at = skip_space(text, end)
        if text[at : at + 1] == "}":
            yield "", at + 1
            return
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = skip_space(text, at + 1)


@dataclass(frozen=True)
class StringToken:
    """A JSON string: its value, and the range of the text with its quotes."""

    value: str
    start: int
    end: int
    text: str

    @cached_property
    def _offsets(self) -> list[int]:
        """Offset in the text of each character of the value, and of the closing quote."""
        offsets: list[int] = []
        for match in _CHARACTER.finditer(self.text, self.start + 1, self.end - 1):
            offsets.append(match.start())
        offsets.append(self.end - 1)
        return offsets

    def offset(self, index: int) -> int:
        """Offset in the text of character `index` of the value (its length: the closing quote)."""
        return self._offsets[index]


def strings_of(text: str, at: int) -> list[StringToken] | None:
    """The strings of the string or list of strings at `at`; None if it is neither."""
    value = value_at(text, at)
    if isinstance(value.value, str):
        return [StringToken(value.value, value.start, value.end, text)]
    if not isinstance(value.value, list) or not all(isinstance(item, str) for item in value.value):
        return None
    tokens: list[StringToken] = []
    at = value.start + 1
    for _ in value.value:
        at = text.index('"', at)
        item = value_at(text, at)
        tokens.append(StringToken(item.value, item.start, item.end, text))
        at = item.end
    return tokens
