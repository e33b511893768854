"""Python's cyclic collector, kept from looking at what is certainly in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: new objects before the collector looks (some tens of megabytes)
MANY = 800_000


@contextmanager
def patient_collector() -> Iterator[None]:
    """For a run: the collector looks seldom.

    While files are checked nearly nothing becomes garbage that reference counts do not free, and trees of hundreds
    of thousands of nodes are looked through again and again for it: a fifth of all time.
    """
    before = gc.get_threshold()
    be_patient()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def be_patient() -> None:
    """The same for the rest of the process's life."""
    gc.set_threshold(MANY, *gc.get_threshold()[1:])
