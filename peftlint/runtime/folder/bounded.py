"""Reading files that nobody vouches for: regular files only, sizes bounded before a byte is read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

#: a config is a few kilobytes; long target_modules lists of large models reach some hundreds
CONFIG_BYTES = 8 * 2**20
#: what the safetensors library itself allows; 150,000 adapted experts need 42 MB
HEADER_BYTES = 100_000_000
#: tensors of one file; each takes about a kilobyte of memory
MOST_TENSORS = 500_000
#: the pickle in adapter_model.bin
PICKLE_BYTES = 32 * 2**20
#: values are read up to this many bytes of one weights file; beyond it only names and shapes are looked at
VALUE_BYTES = 16 * 2**30


class Unreadable(Exception):
    """A file that cannot be read as what its name says. The message says why, in one sentence."""


def open_regular(path: Path) -> BinaryIO:
    """Open `path` for reading if it is, after following symlinks, a regular file.

    Devices, pipes and sockets are refused before they are opened for data (a pipe would block for ever).
    Raises `Unreadable`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as failure:
        raise Unreadable(f"cannot be opened: {failure.strerror or failure}") from failure
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_text(path: Path, limit: int = CONFIG_BYTES) -> str:
    """The UTF-8 text of a small file. Raises `Unreadable` if it is larger than `limit` bytes or not UTF-8."""
    with open_regular(path) as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise Unreadable(f"is larger than {limit // 2**20} MB, which no config is")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise Unreadable(f"is not UTF-8 text (byte {failure.start})") from failure
