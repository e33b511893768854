"""One call of `peftlint check`: from the options to settings, a run, and the reports of it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from peftlint.diagnostics import Applicability, Diagnostic, FileError
from peftlint.linter import Options, check_paths
from peftlint.reporters import View, render
from peftlint.result import Result
from peftlint.settings import ConfigurationError, Overrides, Resolver

_LISTS = ("ignore", "extend_select", "extend_ignore")
_FLAGS = ("fix", "unsafe_fixes", "strict", "force_exclude", "respect_gitignore")
_TARGETS = ("peft", "transformers", "diffusers", "trl")


def overrides(options: dict[str, Any]) -> Overrides:
    """What the command line says about settings. Raises `click.UsageError` for rules and releases that do not exist."""
    from peftlint.settings.validate import validated

    table: dict[str, Any] = {}
    if options["select"]:
        table["select"] = [word for words in options["select"] for word in words]
    for name in _LISTS:
        if options[name]:
            table[name.replace("_", "-")] = [word for words in options[name] for word in words]
    for name in _FLAGS:
        if options[name] is not None:
            table[name.replace("_", "-")] = options[name]
    for name in ("exclude", "extend_exclude"):
        if options[name]:
            table[name.replace("_", "-")] = [glob for value in options[name] for glob in value.split(",") if glob]
    for name in ("cache_dir",):
        if options[name]:
            table[name.replace("_", "-")] = os.path.abspath(options[name])
    targets = {package: options[f"target_{package}"] for package in _TARGETS if options[f"target_{package}"]}
    if targets:
        table["targets"] = targets
    try:
        return Overrides(validated(table))
    except ConfigurationError as error:
        raise click.UsageError(error.message) from None


def wants_color(choice: str) -> bool:
    """Colours only on a terminal, unless the option, NO_COLOR or FORCE_COLOR says otherwise."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


class Session:
    """The options of one call and what follows from them."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.paths: tuple[str, ...] = options["paths"] or ("." if options["stdin_filename"] is None else "-",)
        config = options["config"]
        if config is not None and not Path(config).is_file():
            raise click.UsageError(f"--config {config}: no such file")
        if config is not None and options["isolated"]:
            raise click.UsageError("--config and --isolated exclude each other")
        if "-" in self.paths and len(self.paths) > 1:
            raise click.UsageError("standard input (-) cannot be checked together with files")
        self.resolver = Resolver(
            overrides(options), Path(os.path.abspath(config)) if config else None, options["isolated"]
        )
        self.settings = self.resolver.for_directory(Path.cwd())
        self.view = View(
            color=wants_color(options["color"]),
            show_suppressed=options["show_suppressed"],
            unsafe_fixes=self.settings.unsafe_fixes,
        )

    @property
    def reading_stdin(self) -> bool:
        return self.paths == ("-",)

    def run(self) -> int:
        """Do what was asked for; gives the exit code."""
        if self.options["show_files"]:
            return self.show_files()
        result = self.check()
        self.report(result)
        return self.exit_code(result)

    def run_options(self) -> Options:
        applicability = None
        if self.settings.fix or self.options["diff"]:
            applicability = Applicability.UNSAFE if self.settings.unsafe_fixes else Applicability.SAFE
        return Options(
            fix=applicability,
            diff=self.options["diff"],
            ignore_suppressions=self.options["ignore_suppressions"],
            jobs=self.options["jobs"] or 0,
        )

    def check(self) -> Result:
        if self.reading_stdin:
            return self.check_stdin()
        return check_paths(self.paths, self.resolver, self.run_options())

    def check_stdin(self) -> Result:
        raise NotImplementedError

    def report(self, result: Result) -> None:
        """Write each format asked for to where it was asked for."""
        formats = self.options["output_format"] or [("text", None)]
        file = self.options["output_file"]
        for name, own_file in formats:
            target = own_file or file
            if self.options["statistics"] and name in ("text", "concise") and target is None:
                text = statistics(result)
            else:
                text = render(name, result, self.view if target is None else replace(self.view, color=False))
            if target is None:
                click.echo(text, nl=False, color=True)
            else:
                write_report(target, text)

    def exit_code(self, result: Result) -> int:
        if result.errors:
            return 2
        if self.options["exit_zero"]:
            return 0
        if result.findings or (self.options["exit_non_zero_on_fix"] and result.fixed):
            return 1
        return 0

    def show_files(self) -> int:
        from peftlint.discovery import discover, display_path

        found = discover(self.paths, self.resolver)
        for file in found.files:
            click.echo(display_path(file.path, os.getcwd()))
        for error in found.errors:
            click.echo(f"peftlint: {error.path}: {error.message}", err=True)
        return 2 if found.errors else 0


def write_report(path: str, text: str) -> None:
    """Raises `click.UsageError` if the file cannot be written."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be written: {error.strerror}") from error


def statistics(result: Result) -> str:
    """How many findings each rule has, the most frequent first; `[*]` where all are mended by `--fix`."""
    counts = Counter((d.code, d.name) for d in result.findings)
    width = max((len(str(count)) for count in counts.values()), default=1)
    lines = []
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        safe = sum(
            d.code == code and d.fix is not None and d.fix.applicability is Applicability.SAFE for d in result.findings
        )
        mark = "[*]" if safe == count else "[-]" if safe else "[ ]"
        lines.append(f"{count:>{width}}  {code}  {mark}  {name}\n")
    lines += [f"error: {error.path}:{error.line}:{error.column}: {error.message}\n" for error in result.errors]
    return "".join(lines)


__all__ = ["Diagnostic", "FileError", "Session", "overrides", "statistics", "wants_color", "write_report"]
