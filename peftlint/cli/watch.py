"""`--watch`: check again whenever a file or a setting has changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from peftlint.cli.output import say
from peftlint.discovery import MARKDOWN_SUFFIXES, NOTEBOOK_SUFFIXES, PYTHON_SUFFIXES

if TYPE_CHECKING:
    from peftlint.cli.session import Session

#: milliseconds between two looks at what the operating system has reported
POLL = 200
_WATCHED = (
    *PYTHON_SUFFIXES,
    *NOTEBOOK_SUFFIXES,
    *MARKDOWN_SUFFIXES,
    ".toml",
    ".lock",
    ".txt",
    ".cfg",
    ".yml",
    ".yaml",
)


def watch(session: Session) -> int:
    """Runs until it is interrupted; gives the exit code of the last run.

    Raises `click.UsageError` if watchfiles is not installed.
    """
    try:
        from watchfiles import Change, DefaultFilter
        from watchfiles import watch as changes
    except ImportError:
        raise click.UsageError("--watch needs watchfiles: pip install 'peftlint[watch]'") from None

    class Sources(DefaultFilter):
        def __call__(self, change: Change, path: str) -> bool:
            return path.lower().endswith(_WATCHED) and bool(super().__call__(change, path))

    # The first yield says that the watching has begun: what changes during the first round is not missed.
    paths = [os.path.abspath(path) for path in session.paths]
    watching = changes(
        *paths, watch_filter=Sources(), raise_interrupt=False, rust_timeout=POLL, yield_on_timeout=True
    )
    code: int | None = None
    try:
        for changed in watching:
            if changed or code is None:
                code = _round(session)
                say("Watching for changes; stop with Ctrl-C.\n", err=True)
    except KeyboardInterrupt:  # in a round, or just after it; between rounds the watching ends by itself
        pass
    return 130 if code is None else code


def _round(session: Session) -> int:
    from peftlint.cli.session import Session
    from peftlint.settings import ConfigurationError
    from peftlint.targets.detection import forget

    if session.view.color:
        say("\x1b[2J\x1b[H")
    forget()
    try:
        # Afresh: the settings themselves may have changed.
        code = Session({**session.options, "watch": False}).once()
    except ConfigurationError as error:
        say(f"peftlint: {error}\n", err=True)
        code = 2
    return code
