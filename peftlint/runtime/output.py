"""What the commands `adapter` and `runtime` share: options, tables, progress, and reports in the linter's
formats.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from peftlint.cli.check import FormatAndFile, Selectors
from peftlint.cli.output import wants_color, write_report
from peftlint.diagnostics import Diagnostic, FileError
from peftlint.discovery import display_path
from peftlint.reporters import View, render
from peftlint.reporters.terminal import harmless, width
from peftlint.result import Excerpt, Place, Result, in_order
from peftlint.runtime.codes import registry

_F = TypeVar("_F", bound=Callable[..., Any])


def report_options(command: _F) -> _F:
    """The options about output, with the meaning that they have for `peftlint check`."""
    rules = "CODE,NAME"
    for option in (
        click.option(
            "--select",
            type=Selectors(),
            metavar=rules,
            help="Report only these (codes, beginnings of codes, names).",
        ),
        click.option("--ignore", type=Selectors(), metavar=rules, help="Do not report these."),
        click.option("--output-format", type=FormatAndFile(), default="text", help="How to write findings."),
        click.option("--output-file", type=click.Path(), help="Write findings to this file."),
        click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto"),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 also with findings."),
        click.option("-q", "--quiet", is_flag=True, help="Findings only: no table, no progress."),
    ):
        command = option(command)
    return command


@dataclass
class ReportOptions:
    """The values of `report_options`."""

    select: Sequence[str] | None
    ignore: Sequence[str] | None
    output_format: tuple[str, str | None]
    output_file: str | None
    color: str
    exit_zero: bool
    quiet: bool

    @property
    def to_terminal(self) -> bool:
        """Whether people read it: the text format on standard output."""
        return self.output_format[0] == "text" and not self.output_file and not self.output_format[1]

    @property
    def colored(self) -> bool:
        return self.to_terminal and wants_color(self.color)


def wanted(diagnostics: Iterable[Diagnostic], options: ReportOptions) -> list[Diagnostic]:
    """Those that --select and --ignore leave. Raises `click.UsageError` for a word that selects no run-time
    code.
    """

    def selects(words: Collection[str], diagnostic: Diagnostic) -> bool:
        return any(w == "ALL" or w == diagnostic.name or diagnostic.code.startswith(w) for w in words)

    known = [(code.code, code.name) for code in registry().values()]
    for word in (*(options.select or ()), *(options.ignore or ())):
        if word != "ALL" and not any(
            word == name or (code.startswith(word) and word.startswith("PEFT")) for code, name in known
        ):
            raise click.UsageError(f"{word!r} is no code or name of this command")
    chosen = (d for d in diagnostics if not options.select or selects(options.select, d))
    return [d for d in chosen if not selects(options.ignore or (), d)]


def result_of(
    diagnostics: Sequence[Diagnostic],
    errors: Sequence[FileError],
    files: int,
    started: float,
    options: ReportOptions,
) -> Result:
    """The linter's `Result`, paths as shown, with the lines of small text files for the code frames."""
    here = os.getcwd()
    shown = [replace(d, path=_display(d.path, here)) for d in wanted(diagnostics, options)]
    seconds = time.monotonic() - started
    failed = tuple(replace(error, path=_display(error.path, here)) for error in errors)
    return Result(in_order(shown), failed, files, files, seconds, _excerpts(shown))


def _display(path: str, here: str) -> str:
    return path if path.startswith("<") else display_path(os.path.abspath(path), here)


def _excerpts(diagnostics: Sequence[Diagnostic]) -> dict[Place, Excerpt]:
    from peftlint.runtime.folder.bounded import Unreadable, read_text

    excerpts: dict[Place, Excerpt] = {}
    placed = [d for d in diagnostics if d.path.endswith(".json") and d.span.end_column > 1]
    for path in {d.path for d in placed}:
        try:
            lines = read_text(Path(path), 2**20).splitlines()
        except Unreadable:
            continue
        for d in placed:
            for number in range(d.span.line - 1, d.span.line + 2):
                if d.path == path and 1 <= number <= len(lines) and len(lines[number - 1]) < 300:
                    excerpts[path, None, number] = Excerpt(lines[number - 1])
    return excerpts


def finish(result: Result, options: ReportOptions) -> int:
    """Write the report where it was asked for; gives the exit code."""
    name, own_file = options.output_format
    target = own_file or options.output_file
    text = render(name, result, View(color=wants_color(options.color) and target is None))
    if target is None:
        click.echo(text, nl=False, color=True)
    else:
        write_report(target, text)
    return 0 if options.exit_zero and not result.errors else result.exit_code


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[int] = (),
    keep: int = 1,
    limit: int | None = None,
) -> str:
    """Rows in aligned columns; the columns in `right` are flush right. Texts of unknown origin are made
    harmless.

    A table wider than `limit` characters is told in parts, each with the first `keep` columns.
    """
    cells = [[harmless(cell) for cell in row] for row in (head, *rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    parts = [list(range(len(head)))]
    if limit is not None:
        parts = [list(range(keep))]
        for column in range(keep, len(head)):
            if len(parts[-1]) > keep and sum(widths[c] + 2 for c in (*parts[-1], column)) - 2 > limit:
                parts.append(list(range(keep)))
            parts[-1].append(column)
    return "\n".join(_aligned(cells, widths, part, right) for part in parts)


def _aligned(
    cells: Sequence[Sequence[str]], widths: Sequence[int], columns: Sequence[int], right: Collection[int]
) -> str:
    lines = []
    for row in cells:
        parts = []
        for column in columns:
            blank = " " * (widths[column] - width(row[column]))
            parts.append(blank + row[column] if column in right else row[column] + blank)
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines) + "\n"


def terminal_width() -> int | None:
    """Characters in a line of the terminal (or `COLUMNS`), None where there is no terminal."""
    if not (sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()):
        return None
    return shutil.get_terminal_size().columns


class Progress:
    """A bar on standard error, if that is a terminal: `progress(done, total, what)`."""

    def __init__(self, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: object) -> None:
        if self.shown:
            filled = 24 * done // max(total, 1)
            text = harmless(str(what))[-60:]
            click.echo(
                f"\r\x1b[K[{'#' * filled}{'.' * (24 - filled)}] {done}/{total} {text}", nl=False, err=True
            )

    def done(self) -> None:
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)
