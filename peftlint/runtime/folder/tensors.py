"""A tensor in a weights file, known by name, type, shape and place; values are read when asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import groupby
from math import prod
from pathlib import Path
from typing import Any

from peftlint.runtime.extra import require
from peftlint.runtime.folder.bounded import Unreadable, open_regular

#: bytes of one element, by the safetensors name of the type
ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1, "C64": 8,
}  # fmt: skip
_NUMPY = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "F8_E4M3": "u1", "F8_E5M2": "u1",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2",
        "U8": "u1", "BOOL": "u1",
    "C64": "<c8",
}  # fmt: skip
_CHUNK_BYTES = 4 * 2**20


@dataclass(frozen=True)
class StoredTensor:
    """`offset` counts bytes from the start of `file`; the values are contiguous, little-endian, row-major."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    offset: int

    @cached_property
    def size(self) -> int:
        return prod(self.shape)

    @cached_property
    def byte_count(self) -> int:
        return self.size * ITEM_BYTES[self.dtype]

    def chunks(self) -> Iterator[bytes]:
        """The raw values, at most 4 MB at a time. Raises `Unreadable` if the file ends early."""
        with open_regular(self.file) as file:
            file.seek(self.offset)
            left = self.byte_count
            while left:
                raw = file.read(min(left, _CHUNK_BYTES))
                if not raw:
                    raise Unreadable(f"ends inside tensor {self.name}")
                left -= len(raw)
                yield raw

    def array(self) -> Any:
        """The values as a numpy array of float32 (float64 for F64), whole in memory."""
        require("adapter")
        import numpy as np

        return np.concatenate([_as_float(raw, self.dtype) for raw in self.chunks()] or [np.zeros(0)]).reshape(
            self.shape
        )


@dataclass
class Summary:
    """What one pass over a tensor's values tells. `constant` is the single value that it holds, if it
    does.
    """

    finite: bool = True
    constant: float | None = None
    digest: str = field(default="", repr=False)

    @property
    def zero(self) -> bool:
        return self.constant == 0.0


def _as_float(raw: bytes | memoryview, dtype: str) -> Any:
    import numpy as np

    values = np.frombuffer(raw, dtype=_NUMPY[dtype])
    match dtype:
        case "BF16":
            return (values.astype(np.uint32) << 16).view(np.float32)
        case "F8_E5M2":
            return (values.astype(np.uint16) << 8).view(np.float16).astype(np.float32)
        case "F8_E4M3":
            return _e4m3(values)
        case "F64":
            return values.astype(np.float64)
        case "C64":
            return values.view(np.float32)
        case _:
            return values.astype(np.float32, copy=False)


def _e4m3(values: Any) -> Any:
    """float8_e4m3fn: sign, 4 bits of exponent with bias 7, 3 bits of mantissa; all ones is NaN, there is no
    infinity.
    """
    import numpy as np

    sign = np.where(values & 0x80, -1.0, 1.0)
    exponent = ((values >> 3) & 0xF).astype(np.int32)
    mantissa = (values & 7).astype(np.float32)
    size = np.where(exponent == 0, mantissa / 8 * 2.0**-6, (1 + mantissa / 8) * np.exp2(exponent - 7.0))
    return np.where((values & 0x7F) == 0x7F, np.nan, sign * size).astype(np.float32)


def summarise(tensors: Iterable[StoredTensor]) -> Iterator[tuple[str, Summary]]:
    """One pass over the values of many tensors, in the order of their files, in constant memory.

    Gives name and summary. Raises `Unreadable`, `MissingExtra` (numpy).
    """
    require("adapter")
    import numpy as np

    ordered = sorted(tensors, key=lambda tensor: (str(tensor.file), tensor.offset))
    with np.errstate(all="ignore"):
        for file, group in groupby(ordered, key=lambda tensor: tensor.file):
            for tensor, pieces in _pieces(file, group):
                yield tensor.name, _summary(tensor, pieces)


def _pieces(
    path: Path, tensors: Iterable[StoredTensor]
) -> Iterator[tuple[StoredTensor, Iterable[bytes | memoryview]]]:
    """The raw values of each tensor; many small ones come from one read."""
    with open_regular(path) as file:
        held, start = memoryview(b""), 0
        for tensor in tensors:
            if tensor.byte_count > _CHUNK_BYTES:
                yield tensor, tensor.chunks()
                continue
            if not start <= tensor.offset <= tensor.offset + tensor.byte_count <= start + len(held):
                file.seek(tensor.offset)
                held, start = memoryview(file.read(_CHUNK_BYTES)), tensor.offset
            raw = held[tensor.offset - start : tensor.offset - start + tensor.byte_count]
            if len(raw) < tensor.byte_count:
                raise Unreadable(f"ends inside tensor {tensor.name}")
            yield tensor, [raw] if len(raw) else []


def _summary(tensor: StoredTensor, pieces: Iterable[bytes | memoryview]) -> Summary:
    import numpy as np

    summary = Summary()
    digest = blake2b(f"{tensor.dtype}{tensor.shape}".encode(), digest_size=16)
    first: float | None = None
    constant = tensor.size > 0
    for raw in pieces:
        digest.update(raw)
        values = _as_float(raw, tensor.dtype)
        if first is None:
            first = float(values[0])
        constant = constant and float(values[-1]) == first and bool((values == first).all())
        # the sum of squares is quick, and finite only if every value is; it may overflow, too
        if not math.isfinite(float(np.dot(values, values))):
            summary.finite = summary.finite and bool(np.isfinite(values).all())
    summary.constant = first if constant else None
    summary.digest = digest.hexdigest()
    return summary
