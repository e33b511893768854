"""Reads files that strangers may have put into a tree."""

from __future__ import annotations

import errno
import os
import stat

#: bytes of a configuration, dependency or ignore file beyond which it is not read
LARGEST = 50_000_000


def bytes_of(path: str | os.PathLike[str], limit: int | None = None) -> bytes:
    """The bytes of a regular file, at most `limit` of them.

    Raises `OSError`, also for what is no file or too large: a FIFO would wait for ever, a device need not end, and opening
    one may do something.
    """
    _require_regular(os.stat(path))
    with open(path, "rb", opener=_without_waiting) as stream:
        # it may be another one by now
        status = os.fstat(stream.fileno())
        _require_regular(status)
        if limit is not None and status.st_size > limit:
            raise OSError(errno.EFBIG, f"is larger than {limit // 1_000_000} MB")
        return stream.read()


def _require_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
