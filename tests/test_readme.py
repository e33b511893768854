"""What README and pages say is true: the example's output, the commands, the generated parts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tools import docs

README = (docs.ROOT / "README.md").read_text(encoding="utf-8")


def _block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[number]


def test_generated_parts_are_current() -> None:
    assert docs.stale() == [], "run `python -m tools.docs`"


def test_the_example_gives_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "switch.py").write_text(_block("python"), encoding="utf-8")
    shown = _block("text").partition("$ peftlint switch.py\n")[2]
    command = [sys.executable, "-m", "peftlint", "--isolated", "--no-cache", "switch.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert [line.rstrip() for line in result.stdout.strip().splitlines()] == [
        line.rstrip() for line in shown.strip().splitlines()
    ]


def test_ci_calls_the_readmes_test_command() -> None:
    assert _block("sh", 1).strip() in (docs.ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_linting_the_fixtures_shows_findings() -> None:
    command = [sys.executable, "-m", "peftlint", "--no-cache", "--output-format", "concise", "fixtures/"]
    result = subprocess.run(command, cwd=docs.ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "PEFT101" in result.stdout


def test_every_option_that_is_named_exists() -> None:
    command = [sys.executable, "-m", "peftlint", "check", "--help"]
    help_text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"peftlint (--[a-z-]+)", README)):
        assert option in help_text
