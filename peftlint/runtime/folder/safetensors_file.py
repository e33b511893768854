"""The header of a safetensors file, read by hand so that a hostile one can only be refused.

Format: 8 bytes little-endian header length, a JSON object name -> {dtype, shape, data_offsets}, then the
values. https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from peftlint.runtime.folder.bounded import HEADER_BYTES, Unreadable, open_regular
from peftlint.runtime.folder.tensors import ITEM_BYTES, StoredTensor


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
                f"has a header of {length} bytes; more than {HEADER_BYTES // 2**20} MB is refused"
            )
        raw = file.read(length)
    try:
        header = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as failure:
        raise Unreadable("has a header that is not JSON") from failure
    if not isinstance(header, dict):
        raise Unreadable("has a header that is not a JSON object")
    header.pop("__metadata__", None)
    return {name: _tensor(name, entry, path, 8 + length, total) for name, entry in header.items()}


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
