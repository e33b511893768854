"""File names and sources come from anywhere: a terminal, a CI log or a viewer must not obey them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from peftlint.cli import run

#: clears the screen, sets the title, moves the cursor, turns the direction of text, ends the line
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b1A\u202edlo\u2066\r\x7f"
#: the colours that peftlint itself writes
OWN = re.compile(r"\x1b\[[0-9;]*m")
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

SOURCE = """\
from peft import PeftConfig  # HOSTILE
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("HOSTILE"), adapter_name="HOSTILE")  # HOSTILE
model.set_adapter("mathHOSTILE")
print(model.generate(inputs))
""".replace("HOSTILE", HOSTILE.replace("\r", "").replace("\x07", "\x08"))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tree"
    (root / f"f{HOSTILE}").mkdir(parents=True)
    (root / f"f{HOSTILE}" / f"a{HOSTILE}\n::error::owned.py").write_text(SOURCE)
    (root / f"broken{HOSTILE}.py").write_text(f"from peft import (\n  {HOSTILE!r}  {HOSTILE} = = \n")
    cell = {"cell_type": "code", "source": SOURCE, "metadata": {}, "outputs": [], "execution_count": None}
    (root / f"n{HOSTILE}.ipynb").write_text(
        json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("color", ["never", "always"])
@pytest.mark.parametrize(
    "options",
    [
        ["--output-format", "text"],
        ["--output-format", "concise"],
        ["--output-format", "github"],
        ["--statistics"],
        ["--show-files"],
        ["--show-settings"],
        ["--verbose"],
        ["--fix", "--unsafe-fixes", "--verbose"],
        ["--write-baseline", "--baseline", "baseline.json"],
    ],
    ids=" ".join,
)
def test_no_escape_reaches_the_terminal(
    tree: Path, capsys: pytest.CaptureFixture[str], options: list[str], color: str
) -> None:
    run(["check", "--no-cache", "--color", color, *options, "."])
    captured = capsys.readouterr()
    if (
        "--statistics" not in options
        and "--show-settings" not in options
        and "--write-baseline" not in options
    ):
        assert "\u241b[2J" in captured.out  # it is shown, as a stand-in
    for text in (captured.out, captured.err):
        assert OBEYED.findall(OWN.sub("", text)) == []
        assert not re.search(r"^::error::owned", text, re.MULTILINE)


def test_messages_about_arguments_and_settings(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "pyproject.toml").write_text('[tool.peftlint]\n"x\\u001b[2J" = 1\n')
    run(["check", "--no-cache", "."])
    run(["check", "--no-cache", "--isolated", f"missing{HOSTILE}.py"])
    run(["check", "--no-cache", "--isolated", "--select", f"X{HOSTILE}"])
    run(["rule", f"X{HOSTILE}"])
    captured = capsys.readouterr()
    assert captured.err
    assert OBEYED.findall(OWN.sub("", captured.out + captured.err)) == []


def test_diff_on_a_terminal(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A diff is for `patch`, byte for byte; on a terminal it is for reading. No name starts a line of its own."""
    arguments = ["check", "--no-cache", "--quiet", "--unsafe-fixes", "--diff", "."]
    run(arguments)
    piped = capsys.readouterr().out
    assert "\x1b[2J" in piped
    assert not re.search(r"^::error::owned", piped, re.MULTILINE)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    run(arguments)
    shown = capsys.readouterr().out
    assert "\n-model.add_adapter(" in shown and "\u241b[2J" in shown
    assert OBEYED.findall(OWN.sub("", shown)) == []


@pytest.mark.parametrize("format", ["json", "jsonl", "sarif", "gitlab", "junit"])
def test_formats_for_machines_are_plain(tree: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    """Escapes are escaped (or, in XML, which has no way to write them, replaced)."""
    run(["check", "--no-cache", "--output-format", format, "."])
    out = capsys.readouterr().out
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", out)


def test_paths_in_sarif(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path is one relative URI: no name makes it leave the tree, name another scheme, or hide a part of it."""
    names = ["%2e%2e%2fup.py", "file:%2f%2fhost.py", "a?b#c.py", "..\\up.py", "http:x.py", " space .py"]
    for name in names:
        (tree / name).write_text(SOURCE)
    run(["check", "--no-cache", "--output-format", "sarif", "."])
    log = json.loads(capsys.readouterr().out)["runs"][0]
    found = set()
    for result in log["results"]:
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        uri = artifact["uri"]
        assert artifact["uriBaseId"] == "SRCROOT"
        assert re.fullmatch(r"[A-Za-z0-9_.~/%\-]+", uri), uri
        assert not uri.startswith(("/", "../")) and "/../" not in uri
        found.add(unquote(uri))
        assert os.path.exists(tree / unquote(uri))
    assert set(names) <= found
