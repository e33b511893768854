"""One call of `peftlint check`: from the options to settings, a run, and the reports of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from peftlint.cli.output import report, say, say_diff, wants_color, write_report
from peftlint.cli.overrides import overrides
from peftlint.diagnostics import Applicability
from peftlint.linter import Options, Progress, check_paths
from peftlint.reporters import View
from peftlint.reporters.terminal import counted, harmless
from peftlint.result import Result, combined
from peftlint.settings import Resolver

STANDARD_INPUT = "<stdin>"
#: a run with fewer files shows no progress bar
FILES_FOR_PROGRESS = 50


class Session:
    """The options of one call and what follows from them."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        named = options["stdin_filename"] is not None
        self.paths: tuple[str, ...] = options["paths"] or (("-",) if named else (".",))
        self._check_usage()
        config = Path(os.path.abspath(options["config"])) if options["config"] else None
        self.resolver = Resolver(overrides(options), config, options["isolated"])
        self.settings = self.resolver.for_directory(self.place)
        self.reads_stdin = "-" in self.paths
        self.view = View(
            color=wants_color(options["color"]),
            show_suppressed=options["show_suppressed"],
            unsafe_fixes=self.settings.unsafe_fixes,
        )

    def _check_usage(self) -> None:
        config = self.options["config"]
        if config is not None and not Path(config).is_file():
            raise click.UsageError(f"--config {config}: no such file")
        if config is not None and self.options["isolated"]:
            raise click.UsageError("--config and --isolated exclude each other")
        if "-" in self.paths and len(self.paths) > 1:
            raise click.UsageError("standard input (-) cannot be checked together with files")
        formats: dict[str, str] = {}
        for name, file in self.options["output_format"]:
            place = file or self.options["output_file"] or "standard output"
            if formats.setdefault(place, name) != name:
                what = f"{formats[place]} and {name} would both go to {place}"
                raise click.UsageError(f"--output-format: {what}; write FORMAT:FILE for one of them")
        exclusive = [name for name in ("write_baseline", "watch", "diff") if self.options[name]]
        if self.options["add_ignore"] is not None:
            exclusive.append("add_ignore")
        if len(exclusive) > 1:
            words = " and ".join("--" + name.replace("_", "-") for name in exclusive)
            raise click.UsageError(f"{words} exclude each other")
        if self.options["fix"] and {"write_baseline", "add_ignore"} & set(exclusive):
            raise click.UsageError("--fix is a run of its own: findings are recorded as they stand")
        if "-" in self.paths and exclusive and exclusive != ["diff"]:
            raise click.UsageError(f"--{exclusive[0].replace('_', '-')} needs files, not standard input")

    @property
    def place(self) -> Path:
        """The directory whose settings count for the run as a whole."""
        if self.options["stdin_filename"]:
            return Path(os.path.abspath(self.options["stdin_filename"])).parent
        return Path.cwd()

    def run(self) -> int:
        """Do what was asked for; gives the exit code."""
        if self.options["show_files"]:
            return self.show_files()
        if self.options["show_settings"]:
            return self.show_settings()
        if self.options["watch"]:
            from peftlint.cli.watch import watch

            return watch(self)
        return self.once()

    def once(self) -> int:
        """One run with its reports."""
        result = self.check()
        if self.options["write_baseline"]:
            return self.write_baseline(result)
        if self.options["add_ignore"] is not None:
            from peftlint.cli.add_ignore import add_ignores

            return add_ignores(self, result)
        result = self.without_baselined(result)
        self.report(result)
        if not self.options["quiet"]:
            say("".join(f"peftlint: {harmless(note)}\n" for note in result.notes), err=True)
        if self.options["verbose"]:
            self.say_more(result)
        return self.exit_code(result)

    def run_options(self) -> Options:
        """What the run does besides checking."""
        applicability = None
        if self.settings.fix or self.options["diff"]:
            applicability = Applicability.UNSAFE if self.settings.unsafe_fixes else Applicability.SAFE
        if self.options["write_baseline"] or self.options["add_ignore"] is not None:
            applicability = None
        return Options(
            fix=applicability,
            diff=self.options["diff"],
            ignore_suppressions=self.options["ignore_suppressions"],
            jobs=self.options["jobs"] or 0,
            cache=self.cache_directory(),
        )

    def cache_directory(self) -> str | None:
        """Where the cache is: as set, else in the folder of the configuration file or the working directory."""
        if self.options["no_cache"] or self.options["watch"]:
            return None
        return str(self.settings.resolve(self.settings.cache_dir or ".peftlint_cache"))

    def check(self) -> Result:
        """The result of the run, before the baseline."""
        if self.reads_stdin:
            return self.check_stdin()
        with self.progress() as progress:
            return check_paths(self.paths, self.resolver, self.run_options(), progress)

    def check_stdin(self) -> Result:
        """Check standard input; with --fix its fixed text goes to standard output."""
        from peftlint.linter import check_text

        started = time.perf_counter()
        raw = sys.stdin.buffer.read()
        name = self.options["stdin_filename"]
        file = check_text(raw, name or STANDARD_INPUT, self.settings, self.run_options())
        if self.settings.fix and not self.options["diff"]:
            sys.stdout.buffer.write(raw if file.change is None else file.change[1])
            sys.stdout.buffer.flush()
        return replace(combined([file], [], 1, time.perf_counter() - started), checked=(file.path,))

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A bar on standard error, if that is a terminal and the run is long."""
        if self.options["quiet"] or not sys.stderr.isatty() or self.options["watch"]:
            yield None
            return
        bar: Any = None

        def step(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and total >= FILES_FOR_PROGRESS:
                bar = click.progressbar(length=total, label="Checking", file=sys.stderr)
                bar.__enter__()
            if bar is not None:
                bar.update(done - bar.pos)

        try:
            yield step
        finally:
            if bar is not None:
                bar.__exit__(None, None, None)

    def report(self, result: Result) -> None:
        """Write the diff and each format to where it was asked for."""
        to_stderr = False
        if self.options["diff"]:
            say_diff("".join(result.diffs))
            to_stderr = True
        elif self.reads_stdin and self.settings.fix:
            to_stderr = True  # standard output holds the fixed text
        view = replace(self.view, quiet=self.options["quiet"])
        if to_stderr:
            view = replace(view, color=wants_color(self.options["color"], sys.stderr))
        report(
            result,
            self.options["output_format"],
            self.options["output_file"],
            view,
            self.options["statistics"],
            to_stderr,
        )

    def exit_code(self, result: Result) -> int:
        """0: nothing left; 1: findings left; 2: some input could not be checked."""
        if result.errors:
            return 2
        if self.options["exit_zero"]:
            return 0
        if result.findings or (self.options["exit_non_zero_on_fix"] and result.fixed):
            return 1
        return 0

    def say_more(self, result: Result) -> None:
        """What `-v` adds, on standard error."""
        origins = self.settings.origins or ("no configuration file",)
        say("".join(f"settings: {harmless(origin)}\n" for origin in origins), err=True)
        say(f"files: {result.files}, parsed: {result.parsed}, seconds: {result.seconds:.2f}\n", err=True)
        suppressed = sum(diagnostic.suppressed for diagnostic in result.diagnostics)
        say(f"suppressed: {suppressed}, in the baseline: {result.baselined}\n", err=True)

    def show_files(self) -> int:
        """List the files that would be checked."""
        from peftlint.discovery import discover, display_path

        found = discover(self.paths, self.resolver)
        here = os.getcwd()
        say("".join(harmless(display_path(file.path, here)) + "\n" for file in found.files))
        for error in found.errors:
            say(
                f"peftlint: {harmless(display_path(error.path, here))}: {harmless(error.message)}\n", err=True
            )
        return 2 if found.errors else 0

    def show_settings(self) -> int:
        """Show the settings in force for the first path; of a file, with the releases that it names itself."""
        from peftlint.checker import targets_at
        from peftlint.settings.show import show
        from peftlint.sources import SourceError, read

        first = os.path.abspath(self.options["stdin_filename"] or self.paths[0])
        folder = Path(first) if os.path.isdir(first) else Path(first).parent
        settings = self.resolver.for_directory(folder)
        try:
            source = read(first).sources[0] if os.path.isfile(first) else None
        except (SourceError, IndexError):
            source = None
        targets = targets_at(first, settings, source.shell_lines, source.code) if source else None
        say(show(settings, (targets or targets_at(first, settings)).describe()))
        return 0

    @property
    def baseline_file(self) -> Path | None:
        return self.settings.resolve(self.settings.baseline) if self.settings.baseline else None

    def without_baselined(self, result: Result) -> Result:
        """The result without what the baseline covers."""
        if self.baseline_file is None:
            return result
        from peftlint.baseline import Baseline

        return Baseline.read(self.baseline_file).applied(result, result.checked)

    def write_baseline(self, result: Result) -> int:
        """Write the findings to the baseline file. Input that could not be checked still makes the exit code
        2.
        """
        from peftlint.baseline import DEFAULT_NAME, Baseline

        file = self.baseline_file or Path(DEFAULT_NAME)
        old = Baseline.read(file) if file.exists() else Baseline(file)
        try:
            entries, pruned = old.written(result, result.checked)
        except OSError as error:
            raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from error
        if result.errors:
            self.report(replace(result, diagnostics=()))
        pruning = f", {pruned} stale pruned" if pruned else ""
        say(f"Wrote {counted(entries, 'finding')} to {file}{pruning}.\n", err=True)
        if self.settings.baseline is None:
            say(f'Use it with `--baseline {file}`, or set `baseline = "{file}"`.\n', err=True)
        return 2 if result.errors else 0


__all__ = ["Session", "wants_color", "write_report"]
