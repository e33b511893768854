"""The header of a safetensors file, read by hand so that a hostile one can only be refused.

Format: 8 bytes little-endian header length, a JSON object name -> {dtype, shape, data_offsets}, then the
values. https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peftlint.runtime.folder.bounded import HEADER_BYTES, MOST_TENSORS, Unreadable, open_regular
from peftlint.runtime.folder.tensors import ITEM_BYTES, StoredTensor

#: bytes; also the longest `__metadata__` of a longer header
_SMALL_HEADER = 4 * 2**20
_OPENING = re.compile(r"[ \t\r\n]*\{")
_CLOSING = re.compile(r"[ \t\r\n]*\}[ \t\r\n]*\Z")
_NAME = re.compile(r'[ \t\r\n]{0,100}("(?:[^"\\]|\\.){0,4000}")[ \t\r\n]{0,100}:')
_OBJECT = re.compile(r"[ \t\r\n]{0,100}(\{[^{}]{0,4000}\})[ \t\r\n]{0,100}(?:,|(?=\}))")
_MARK = re.compile(r'["{}\[\]]')
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_COMMA = re.compile(r"[ \t\r\n]*,?")


def read_safetensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of the file by name; no values are read.

    Raises `Unreadable` for a header that is too long, no JSON object, or describes values that are not in the
    file (each tensor's bytes must lie inside it and be exactly as long as type and shape say).
    """
    with open_regular(path) as file:
        total = os.fstat(file.fileno()).st_size
        prefix = file.read(8)
        if len(prefix) < 8:
            raise Unreadable(f"is not a safetensors file: {total} bytes long")
        length = int.from_bytes(prefix, "little")
        if length > total - 8:
            raise Unreadable(
                f"is truncated or no safetensors file: its header should have {length} bytes, the file has "
                f"{total}"
            )
        if length > HEADER_BYTES:
            raise Unreadable(
                f"has a header of {length} bytes; more than {HEADER_BYTES // 10**6} MB is refused"
            )
        raw = file.read(length)
    entries = _entries(raw) if length <= _SMALL_HEADER else _entries_one_by_one(raw)
    tensors: dict[str, StoredTensor] = {}
    for name, entry in entries:
        tensors[name] = _tensor(name, entry, path, 8 + length, total)
        if len(tensors) > MOST_TENSORS:
            raise Unreadable(f"holds more than {MOST_TENSORS:,} tensors, which is refused")
    return tensors


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise Unreadable("has a header that is not JSON") from failure


def _entries(raw: bytes) -> Iterator[tuple[str, Any]]:
    try:
        header = json.loads(_text(raw))
    except (ValueError, RecursionError) as failure:
        raise Unreadable("has a header that is not JSON") from failure
    if not isinstance(header, dict):
        raise Unreadable("has a header that is not a JSON object")
    header.pop("__metadata__", None)
    yield from header.items()


def _entries_one_by_one(raw: bytes) -> Iterator[tuple[str, Any]]:
    """The same for a long header, without making objects of all of it: JSON made for that would take gigabytes."""
    text = _text(raw)
    start = _OPENING.match(text)
    position = start.end() if start else -1
    while start and not _CLOSING.match(text, position):
        name = _NAME.match(text, position)
        if name is None:
            break
        if name[1] == '"__metadata__"':
            position = _after_object(text, name.end())
            continue
        entry = _OBJECT.match(text, name.end())
        if entry is None:
            break
        position = entry.end()
        try:
            yield json.loads(name[1]), json.loads(entry[1])
        except (ValueError, RecursionError) as failure:
            raise Unreadable("has a header that is not JSON") from failure
    else:
        if start:
            return
    raise Unreadable("has a header that is not a JSON object of short entries")


def _after_object(text: str, position: int) -> int:
    """The place after a JSON object and its comma; nothing of it is kept."""
    depth, limit = 0, position + _SMALL_HEADER
    while (mark := _MARK.search(text, position, limit)) is not None:
        position = mark.end()
        if mark[0] == '"':
            while (quote := _QUOTE.search(text, position, limit)) is not None and quote[0] != '"':
                position = quote.end()
            if quote is None:
                break
            position = quote.end()
        else:
            depth += 1 if mark[0] in "{[" else -1
            if depth <= 0:
                comma = _COMMA.match(text, position)
                return comma.end() if comma else position
    raise Unreadable("has a header that is not JSON")


def _tensor(name: str, entry: Any, path: Path, start: int, total: int) -> StoredTensor:
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        if dtype not in ITEM_BYTES:
            raise Unreadable(f"holds {name[:80]!r} of type {dtype!r}, which is not known here")
        if (
            not all(type(number) is int and 0 <= number < 2**48 for number in (*shape, begin, end))
            or len(shape) > 16
        ):
            raise ValueError
    except (KeyError, TypeError, ValueError) as failure:
        raise Unreadable(f"has a malformed header entry for {name[:80]!r}") from failure
    tensor = StoredTensor(name, dtype, tuple(shape), path, start + begin)
    if end - begin != tensor.byte_count:
        raise Unreadable(f"says that {name[:80]!r} of shape {list(shape)} {dtype} has {end - begin} bytes")
    if start + end > total:
        raise Unreadable(f"is truncated: {name[:80]!r} ends at byte {start + end}, the file has {total}")
    return tensor
