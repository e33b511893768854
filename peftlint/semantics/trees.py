"""Trees from libcst's parser, in less time than it takes by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

_lock = threading.Lock()
_parsing = 0
_validating = cst.CSTNode.__post_init__


def parse_module(code: str) -> cst.Module:
    """As `libcst.parse_module`, and raises the same.

    Every node that libcst makes asks whether it is valid; those that its parser makes are. That is an eighth of the
    time (`CSTNode.__post_init__` in libcst/_nodes/base.py says so too).
    """
    with _unvalidated():
        return cst.parse_module(code)


@contextmanager
def _unvalidated() -> Iterator[None]:
    """Nodes are not validated in the block, by whichever thread they are made."""
    global _parsing
    with _lock:
        _parsing += 1
        cst.CSTNode.__post_init__ = _trusting  # type: ignore[method-assign]
    try:
        yield
    finally:
        with _lock:
            _parsing -= 1
            if not _parsing:
                cst.CSTNode.__post_init__ = _validating  # type: ignore[method-assign]


def _trusting(self: cst.CSTNode) -> None:
    """Takes the node as it is."""
