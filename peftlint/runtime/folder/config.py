"""adapter_config.json with the positions of its keys."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peftlint.diagnostics import Span
from peftlint.runtime.codes import TOP
from peftlint.runtime.folder.bounded import Unreadable, read_text

_COLON = re.compile(r"\s*:")


class BadConfig(Unreadable):
    """adapter_config.json is no JSON object; `line` and `column` are 1-based."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass
class Config:
    """The values as they are in the file; nothing is filled in. `spans` places the top-level keys."""

    path: Path
    values: dict[str, Any]
    spans: dict[str, Span] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return str(self.values.get("peft_type") or "").upper()

    def span(self, key: str) -> Span:
        return self.spans.get(key, TOP)

    def names(self, key: str) -> list[str]:
        """The value of `key` as a list of names: [] unless it is a list (only its texts count)."""
        value = self.values.get(key)
        return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []

    def whole_number(self, key: str) -> int | None:
        value = self.values.get(key)
        return value if type(value) is int else None

    def table(self, key: str) -> dict[str, Any]:
        value = self.values.get(key)
        return value if isinstance(value, dict) else {}


def read_config(path: Path) -> Config:
    """Raises `BadConfig` (no JSON object) or `Unreadable` (no such file, too large, not UTF-8)."""
    text = read_text(path)
    try:
        values = json.loads(text)
    except json.JSONDecodeError as failure:
        raise BadConfig(f"is not JSON: {failure.msg}", failure.lineno, failure.colno) from failure
    except (ValueError, RecursionError) as failure:
        raise BadConfig("is not JSON that can be read: nested too deeply, or a number too long") from failure
    if not isinstance(values, dict):
        raise BadConfig("is JSON, but not an object")
    return Config(path, values, _key_spans(text))


def _key_spans(text: str) -> dict[str, Span]:
    """Where the keys of the outermost object stand. `text` is known to be valid JSON; a very long one has no
    places.
    """
    spans: dict[str, Span] = {}
    if len(text) > 2**20:
        return spans
    depth, index, line, line_start = 0, 0, 1, 0
    while index < len(text):
        match text[index]:
            case "{" | "[":
                depth += 1
            case "}" | "]":
                depth -= 1
            case "\n":
                line, line_start = line + 1, index + 1
            case '"':
                end = _string_end(text, index)
                if depth == 1 and end - index < 200 and _COLON.match(text, end):
                    column = index - line_start + 1
                    spans.setdefault(
                        json.loads(text[index:end]), Span(line, column, line, column + end - index)
                    )
                index = end - 1
        index += 1
    return spans


def _string_end(text: str, start: int) -> int:
    index = start + 1
    while text[index] != '"':
        index += 2 if text[index] == "\\" else 1
    return index + 1
