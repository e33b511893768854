"""adapter_model.bin without torch and without unpickling: the pickle's opcodes are followed, nothing is ever
called.

A file of `torch.save` (since torch 1.6) is a zip archive, not compressed, with `NAME/data.pkl` and one
`NAME/data/KEY` per storage. The pickle of a state dict needs a few opcodes and a few names. Whoever else is
named there could be called by a real unpickler: such a file is reported (`RunsCode`), never executed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from peftlint.runtime.folder.bounded import PICKLE_BYTES, Unreadable, open_regular
from peftlint.runtime.folder.pickle_reader import PickledTensor, PickleReader, RunsCode
from peftlint.runtime.folder.tensors import ITEM_BYTES, StoredTensor

#: what zipfile raises for headers that contradict each other (names that are not UTF-8, places outside the file)
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
)


def read_torch(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a `torch.save`d state dict by name; no values are read.

    Raises `Unreadable` (legacy or foreign format, compression, sizes that do not fit the file, tensors that
    are not contiguous) and `RunsCode`.
    """
    with open_regular(path) as file:
        if file.read(4) != b"PK\x03\x04":
            raise Unreadable(
                "is not a zip archive of torch >= 1.6; a bare pickle can run code when it is loaded, so it "
                "is not read. "
                "Save it again as safetensors"
            )
        try:
            with zipfile.ZipFile(file) as archive:
                entries = _entries(archive, path)
                root = next(
                    (name for name in entries if name == "data.pkl" or name.endswith("/data.pkl")), None
                )
                if root is None:
                    raise Unreadable("is a zip archive without data.pkl, so not of torch.save")
                prefix = root.removesuffix("data.pkl")
                if entries[root].file_size > PICKLE_BYTES:
                    raise Unreadable(f"has a pickle of {entries[root].file_size} bytes, which is refused")
                byte_order = f"{prefix}byteorder"
                if byte_order in entries and archive.read(byte_order)[:8].strip() != b"little":
                    raise Unreadable("was saved on a big-endian machine, which is not supported")
                state = PickleReader().run(archive.read(root))
            places = {name: _data_offset(file, entry) for name, entry in entries.items()}
        except _DAMAGE as failure:
            raise Unreadable(f"is a damaged zip archive: {failure}") from failure
    return dict(_stored(state, path, prefix, entries, places))


def _entries(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The archive's members, if stored plainly and together no larger than the file: no zip bomb passes
    here.
    """
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        raise Unreadable(
            "is a compressed or encrypted archive; torch.save never compresses, so it is refused"
        )
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise Unreadable("is an archive whose members claim more bytes than the file has")
    return {member.filename: member for member in members}


def _data_offset(file: Any, entry: zipfile.ZipInfo) -> int:
    """Where the member's bytes start: the local header has its own lengths of name and extra field."""
    file.seek(entry.header_offset + 26)
    lengths = file.read(4)
    return (
        entry.header_offset
        + 30
        + int.from_bytes(lengths[:2], "little")
        + int.from_bytes(lengths[2:], "little")
    )


def _stored(
    state: Any, path: Path, prefix: str, entries: dict[str, zipfile.ZipInfo], places: dict[str, int]
) -> Iterator[tuple[str, StoredTensor]]:
    if not isinstance(state, dict):
        raise Unreadable("holds no dictionary of tensors")
    for name, value in state.items():
        if not isinstance(value, PickledTensor):
            continue
        member = f"{prefix}data/{value.storage.key}"
        item = ITEM_BYTES[value.storage.dtype]
        if member not in entries or (value.offset + prod(value.shape)) * item > entries[member].file_size:
            raise Unreadable(
                f"says that {name[:80]!r} has shape {list(value.shape)}, but its storage is shorter"
            )
        if not _contiguous(value):
            raise Unreadable(
                f"holds {name[:80]!r} as a view that is not contiguous; save it again as safetensors"
            )
        place = places[member] + value.offset * item
        yield name, StoredTensor(name, value.storage.dtype, value.shape, path, place)


def _contiguous(tensor: PickledTensor) -> bool:
    expected = 1
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.stride), strict=True):
        if size > 1 and stride != expected:
            return False
        expected *= size
    return True


__all__ = ["RunsCode", "read_torch"]
