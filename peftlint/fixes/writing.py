"""Replaces a file by its fixed version: wholly, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


class WriteError(Exception):
    """The file was not replaced, and is as it was. The message is for the user."""


def write_atomically(
    path: str | os.PathLike[str], old: bytes, new: bytes, root: str | os.PathLike[str]
) -> None:
    """Put `new` in the place of the file's bytes, which have to be `old`.

    The new bytes are written and synchronised in a temporary file beside the old one, which then takes its
    name: at any moment the file is either old or new. Permissions and, where the system lets us, ownership
    are kept. A symbolic link stays one, and its target is replaced, if that lies in `root`, the tree that
    is being fixed.

    Raises `WriteError`: changed since it was read, link out of the tree, no regular file, read-only, no
    permission, disk full.
    """
    shown = os.fspath(path)
    target = _target(Path(path), Path(root))
    try:
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise WriteError(f"{shown} is not a regular file; it was not fixed")
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            # a rename would get round the permission of the file
            raise WriteError(f"{shown} is read-only; it was not fixed")
        _replace(target, status, old, new, shown)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteError(f"{shown} could not be written ({reason}); it is unchanged") from None


def _target(path: Path, root: Path) -> Path:
    try:
        target = path.resolve(strict=True)
        inside = target.is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a loop of symbolic links"
        raise WriteError(f"{path} could not be written ({reason.lower()}); it is unchanged") from None
    if target != Path(os.path.abspath(path)) and not inside:
        raise WriteError(f"{path} leads out of {root} through a symbolic link; it was not fixed")
    return target


def _replace(target: Path, status: os.stat_result, old: bytes, new: bytes, shown: str) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(new)
            stream.flush()
            _keep_attributes(stream.fileno(), status)
            os.fsync(stream.fileno())
        # as late as can be: whoever saved the file meanwhile wins
        if target.read_bytes() != old:
            raise WriteError(f"{shown} was changed by somebody else meanwhile; it was not fixed")
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _synchronise_folder(target.parent)


def _keep_attributes(descriptor: int, status: os.stat_result) -> None:
    if hasattr(os, "fchown") and hasattr(os, "geteuid"):
        with suppress(OSError):
            os.fchown(descriptor, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _synchronise_folder(folder: Path) -> None:
    """So that the new name outlives a power failure; not every system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
