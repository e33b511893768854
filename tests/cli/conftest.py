from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import Outcome, Run, environment

from peftlint.cli import run
from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from peftlint.semantics.syntax import Syntax


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in which the command runs."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    for name in ("NO_COLOR", "FORCE_COLOR", "PEFTLINT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return project


@pytest.fixture
def peftlint(tree: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process."""

    def call(*args: str) -> Outcome:
        capsys.readouterr()
        code = run(args)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def process(tree: Path) -> Run:
    """Runs the command as a process of its own, as a user does."""

    def call(*args: str, stdin: bytes = b"") -> Outcome:
        command = [sys.executable, "-m", "peftlint", *args]
        done = subprocess.run(command, input=stdin, capture_output=True, cwd=tree, env=environment())
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def flagged(code: str, path: str) -> Iterator[Diagnostic]:
    """A stand-in for the rules: each `flag(...)` is a finding, with a trace and a fix to `fine(`."""
    for number, line in enumerate(code.split("\n"), 1):
        start = line.find("flag(")
        if start < 0 or line.lstrip().startswith("#"):
            continue
        span = Span(number, start + 1, number, len(line.split("#")[0].rstrip()) + 1)
        edit = Edit(Span(number, start + 1, number, start + 5), "fine", path)
        yield Diagnostic(
            code="PEFT101",
            name="add-adapter-from-pretrained",
            severity=Severity.ERROR,
            message="the adapter stays untrained",
            help="load it",
            path=path,
            span=span,
            trace=(Step("it begins here", Span(1, 1, 1, 7), path),),
            fix=Fix("Call fine", Applicability.SAFE, (edit,)),
            context="main" if line.startswith(" ") else "",
        )


@pytest.fixture
def flag_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of the rules, flag calls of `flag`."""

    def diagnose(source, codes, targets, project=None, factories=None, asked_for=()):  # type: ignore[no-untyped-def]
        Syntax(source)  # raises for what does not parse
        return list(flagged(source.code, source.path)) if "PEFT101" in codes else []

    monkeypatch.setattr("peftlint.rules.engine.diagnose", diagnose)
