"""Configuration, dependency files, ignore files and the baseline come from the same strangers as the code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import peftlint
from peftlint.cli import run
from tools.faults.kills import WRONG

ROOT = Path(peftlint.__file__).parents[1]
SURROUNDINGS = (
    "peftlint.toml", "pyproject.toml", ".gitignore", "requirements.txt", "uv.lock", "setup.py", "setup.cfg",
    "environment.yml", "PKG-INFO",
)  # fmt: skip
DEEP = "[" * 100_000 + "]" * 100_000
DIGITS = "9" * 10_000


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "wrong.py").write_text(WRONG)
    monkeypatch.chdir(root)
    return root


def checked(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which may not hang."""
    return subprocess.run(
        [sys.executable, "-m", "peftlint", "check", "--output-format", "concise", *options, "."],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and devices")
@pytest.mark.parametrize("kind", ["FIFO", "device"])
def test_what_is_no_file_is_not_waited_for(tree: Path, kind: str) -> None:
    for name in (*SURROUNDINGS, "baseline.json"):
        if kind == "FIFO":
            os.mkfifo(tree / name)
        else:
            os.symlink("/dev/zero", tree / name)
    (tree / "x.egg-info").mkdir()
    os.mkfifo(tree / "x.egg-info" / "entry_points.txt")
    done = checked(tree)
    assert "wrong.py:5:1: PEFT101" in done.stdout and done.returncode == 1, done.stderr
    done = checked(tree, "--isolated", "--baseline", "baseline.json")
    assert done.returncode == 2 and "baseline.json: cannot be read: not a regular file" in done.stderr


@pytest.mark.parametrize("name", ["peftlint.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    "text",
    [
        f"[tool.peftlint]\nselect = {DEEP}",
        f"[tool.peftlint]\nstrict = {DIGITS}",
        "[tool.peftlint]\nselect = \udcff",
    ],
    ids=["deep", "number", "bytes"],
)
def test_configuration_that_cannot_be_read_is_one_message(
    tree: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    assert run(["check", "."]) == 2
    message = capsys.readouterr().err
    assert name in message and "internal error" not in message and message.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", f"[project]\ndependencies = {DEEP}"),
        ("pyproject.toml", f"[project]\nx = {DIGITS}"),
        ("uv.lock", f'[[package]]\nname = "peft"\nversion = {DEEP}\n'),
        ("uv.lock", f'[[package]]\nname = "peft"\nversion = {DIGITS}\n'),
        ("uv.lock", f'[[package]]\nname = "peft"\nversion = "{DIGITS}"\n'),
        ("requirements.txt", f"peft=={DIGITS}\n"),
        ("requirements.txt", "-r requirements.txt\n-r more.txt\n-r /dev/zero\n"),
        ("environment.yml", f"dependencies:\n  - peft={DIGITS}\n  - pip:\n    - peft=={DIGITS}\n"),
        ("setup.py", f"setup(install_requires={'(' * 5000})"),
        ("setup.py", "setup(install_requires=" + "+".join(["['peft>=0.1']"] * 20_000) + ")"),
        ("setup.cfg", f"[options]\ninstall_requires =\n  peft=={DIGITS}\n"),
        ("PKG-INFO", f"Name: x\nRequires-Dist: peft=={DIGITS}\n"),
        (".gitignore", "**/" * 2000 + "a\n" + "*a" * 2000 + "b\n" + "[" * 5000 + "\n"),
    ],
)
def test_dependency_files_that_cannot_be_read_hide_nothing(
    tree: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / name).write_text(text)
    assert run(["check", "--no-cache", "--output-format", "concise", "."]) == 1
    captured = capsys.readouterr()
    assert "wrong.py:5:1: PEFT101" in captured.out
    assert "error" not in captured.out + captured.err


@pytest.mark.parametrize(
    "text", [DEEP, f'{{"version": {DIGITS}}}', '{"version": 1, "findings": {"a": 1}}', "\udcff"]
)
def test_a_baseline_that_is_none(tree: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "b.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    assert run(["check", "--isolated", "--baseline", "b.json", "."]) == 2
    message = capsys.readouterr().err
    assert "b.json: is no baseline" in message and "internal error" not in message


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_writing_the_baseline_follows_no_link(tree: Path) -> None:
    outside = tree.parent / "outside"
    outside.write_text("precious")
    for name in ("peftlint-baseline.json.new", "peftlint-baseline.json"):
        (tree / name).symlink_to(outside)
    assert run(["check", "--isolated", "--write-baseline", "."]) == 2  # what is there is no baseline
    (tree / "peftlint-baseline.json").unlink()
    assert run(["check", "--isolated", "--write-baseline", "."]) == 0
    assert outside.read_text() == "precious"
    assert not (tree / "peftlint-baseline.json").is_symlink()
    assert json.loads((tree / "peftlint-baseline.json").read_text())["findings"]


@pytest.mark.skipif(os.name != "posix", reason="file names of any bytes")
@pytest.mark.parametrize("format", ["text", "concise", "json", "jsonl", "sarif", "gitlab", "junit", "github"])
def test_names_that_are_no_text(tree: Path, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.path.join(os.fsencode(tree), b"\xff\xfe.py")
    Path(os.fsdecode(name)).write_text(WRONG)
    assert run(["check", "--no-cache", "--output-format", format, "."]) == 1
    assert "internal error" not in "".join(capsys.readouterr())
    assert run(["check", "--fix", "--unsafe-fixes", "."]) == 0
    assert Path(os.fsdecode(name)).read_text() != WRONG


@pytest.mark.parametrize("number", [DIGITS, "1e999999", "NaN", "-" + DIGITS])
def test_numbers_in_notebooks(tree: Path, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    cell = json.dumps(
        {"cell_type": "code", "source": WRONG, "metadata": {}, "outputs": [], "execution_count": None}
    )
    text = f'{{"nbformat": {number}, "cells": [{cell}], "metadata": {{}}}}'
    (tree / "a.ipynb").write_text(text)
    code = run(["check", "--no-cache", "--fix", "--unsafe-fixes", "."])
    assert "internal error" not in "".join(capsys.readouterr())
    assert (code == 2 and (tree / "a.ipynb").read_text() == text) or code == 0
