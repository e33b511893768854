"""`--add-ignore`: a suppression comment at each finding."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from peftlint.cli.output import say
from peftlint.discovery import FoundFile, discover, display_path
from peftlint.reporters.terminal import counted, harmless
from peftlint.result import Result

if TYPE_CHECKING:
    from peftlint.cli.session import Session


def add_ignores(session: Session, result: Result) -> int:
    """Add a comment for each finding that is left, with the reason of the option; gives the exit code."""
    reason = " ".join(session.options["add_ignore"].split())
    with_findings = {diagnostic.path for diagnostic in result.findings}
    found = discover(session.paths, session.resolver)
    here = os.getcwd()
    added: Counter[str] = Counter()
    failures: list[str] = []
    for file in found.files:
        shown = display_path(file.path, here)
        if shown in with_findings:
            problem = _add(file, shown, reason, added)
            if problem:
                failures.append(problem)
    if result.errors:
        session.report(Result(errors=result.errors, files=result.files))
    say("".join(f"peftlint: {harmless(problem)}\n" for problem in failures), err=True)
    number = sum(added.values())
    say(f"Added {counted(number, 'suppression')} in {counted(len(added), 'file')}.\n")
    return 2 if result.errors or failures else 0


def _add(file: FoundFile, shown: str, reason: str, added: Counter[str]) -> str | None:
    """Adds the comments to one file; gives what went wrong, if anything."""
    from peftlint.checker import Checker
    from peftlint.diagnostics import Edit
    from peftlint.fixes.writing import WriteError, write_atomically
    from peftlint.sources import EditError, SourceError, read
    from peftlint.suppression import ignoring_edits

    try:
        with open(file.path, "rb") as stream:
            raw = stream.read()
        source_file = read(shown, raw)
        programs = Checker(file.settings, file.path).programs(source_file)
        edits: dict[int, list[Edit]] = {}
        for index, (source, found) in enumerate(zip(source_file.sources, programs, strict=True)):
            left = [diagnostic for diagnostic in found if not diagnostic.suppressed]
            own = ignoring_edits(source.code, shown, left, reason)
            if own:
                edits[index] = own
                added[shown] += len(own)
        if edits:
            write_atomically(file.path, raw, source_file.edited(edits), file.top)
    except (SourceError, EditError, WriteError, OSError) as error:
        added.pop(shown, None)
        return f"{shown}: {error}"
    return None
