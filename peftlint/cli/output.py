"""Where the reports of a run go, and in which colours."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import click

from peftlint.diagnostics import Applicability
from peftlint.reporters import View, render
from peftlint.reporters.terminal import harmless
from peftlint.result import Result


def wants_color(choice: str, stream: IO[str] | None = None) -> bool:
    """Colours only on a terminal, unless the option, NO_COLOR or FORCE_COLOR says otherwise."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def say(text: str, err: bool = False) -> None:
    """Print text as it is: what is not wanted in it (colours, escapes) was never put in or is out by now."""
    stream = sys.stderr if err else sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # what is buffered would be tried again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise click.ClickException(f"the report cannot be written: {error.strerror}") from error


def say_diff(text: str) -> None:
    """Print a diff: for `patch` as it is; on a terminal without what that would obey."""
    if sys.stdout.isatty():
        text = "".join(harmless(line) + "\n" for line in text.split("\n")[:-1])
    say(text)


def write_report(path: str, text: str) -> None:
    """Raises `click.UsageError` if the file cannot be written."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be written: {error.strerror}") from error


def report(
    result: Result,
    formats: Sequence[tuple[str, str | None]],
    output_file: str | None,
    view: View,
    with_statistics: bool = False,
    err: bool = False,
) -> None:
    """Write each format to its file, to `output_file`, or to standard output (`err`: standard error)."""
    for name, own_file in formats or [("text", None)]:
        target = own_file or output_file
        shown = view if target is None else replace(view, color=False)
        text = (
            statistics(result)
            if with_statistics and name in ("text", "concise")
            else render(name, result, shown)
        )
        if target is None:
            say(text, err)
        else:
            write_report(target, text)


def statistics(result: Result) -> str:
    """How many findings each rule has, the most frequent first: `[*]` if `--fix` mends all, `[-]` if some."""
    counts = Counter((diagnostic.code, diagnostic.name) for diagnostic in result.findings)
    safe = Counter(
        diagnostic.code
        for diagnostic in result.findings
        if diagnostic.fix is not None and diagnostic.fix.applicability is Applicability.SAFE
    )
    width = max((len(str(count)) for count in counts.values()), default=1)
    lines = []
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        mark = "[*]" if safe[code] == count else "[-]" if safe[code] else "[ ]"
        lines.append(f"{count:>{width}}  {code}  {mark}  {name}\n")
    for error in result.errors:
        lines.append(
            f"error: {harmless(error.path)}:{error.line}:{error.column}: {harmless(error.message)}\n"
        )
    return "".join(lines)
