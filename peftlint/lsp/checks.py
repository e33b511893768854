"""Checks in one thread of their own: the newest text of a document comes first, older ones are not begun."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from peftlint.diagnostics import FileError
from peftlint.lsp.analysis import Analysis, analyse
from peftlint.lsp.documents import Snapshot
from peftlint.lsp.workspace import Surroundings
from peftlint.semantics import splicing

#: of the thread that parses; libcst needs what a main thread usually has (bytes)
STACK = 64 * 1024 * 1024

T = TypeVar("T")


class Superseded(Exception):
    """The text was changed, or the settings were, before its check began."""


@dataclass
class _Check:
    key: tuple[Any, ...]
    path: str
    future: Future[Analysis]


class Checks:
    """The latest check of each document, under way or done."""

    def __init__(self, around: Surroundings, log: Callable[[str], None]) -> None:
        self.around, self._log = around, log
        #: grows with every change of what a document's findings depend on besides its own text
        self.epoch = 0
        self._latest: dict[str, _Check] = {}
        before = threading.stack_size(STACK)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="peftlint")
        self._thread.submit(int).result()
        threading.stack_size(before)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run something in the thread of the checks, when its turn comes."""
        return await asyncio.wrap_future(self._thread.submit(function, *args))

    async def of(self, snapshot: Snapshot) -> Analysis:
        """The findings in a snapshot; each is checked once. Raises `Superseded`."""
        key = (self.epoch, tuple(snapshot.versions.items()))
        known = self._latest.get(snapshot.uri)
        if known is None or known.key != key:
            if known is not None:
                known.future.cancel()
            known = _Check(key, snapshot.path, self._thread.submit(self._analyse, snapshot))
            self._latest[snapshot.uri] = known
        # One request that is cancelled takes nothing from others that wait for the same.
        waiting = asyncio.wrap_future(known.future)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            if known.future.cancelled():
                raise Superseded from None
            raise

    def forget(self, uri: str) -> None:
        """The document is closed."""
        known = self._latest.pop(uri, None)
        if known is not None:
            known.future.cancel()
            splicing.forget(known.path)

    async def change(self, function: Callable[..., None], *args: Any) -> None:
        """Change what the checks depend on; what was found before counts no more."""
        self.epoch += 1
        await self.run(function, *args)
        self.epoch += 1

    def _analyse(self, snapshot: Snapshot) -> Analysis:
        try:
            return analyse(snapshot, self.around)
        except RecursionError:
            problem = "is nested too deeply to be checked"
        except Exception as error:
            if os.environ.get("PEFTLINT_TRACEBACK"):
                raise
            problem = f"internal error: {type(error).__name__}: {error} (please report it)"
        self._log(f"{snapshot.path}: {problem}")
        return Analysis(snapshot, errors=(FileError(snapshot.path, problem),))

    def close(self) -> None:
        """Begin no further check."""
        self._thread.shutdown(wait=False, cancel_futures=True)
