"""What the tests of the fixture folders need of the linter, in one place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from peftlint.diagnostics import Diagnostic
from peftlint.settings import Settings


def settings_for(codes: Collection[str], releases: dict[str, str]) -> Settings:
    """Only these rules, for these releases (package -> release)."""
    return Settings(
        select=tuple(sorted(codes)), targets={package: f"=={release}" for package, release in releases.items()}
    )


def lint(text: str, codes: Collection[str], releases: dict[str, str]) -> list[Diagnostic]:
    """Findings of the rules `codes` in the program `text`."""
    from peftlint.linter import check_source

    return list(check_source(text.encode(), "program.py", settings_for(codes, releases)))


def default_codes() -> set[str]:
    """Codes of the rules that speak without being asked."""
    from peftlint.rules.registry import all_rules

    return {rule.code for rule in all_rules() if rule.default}


def fixed_text(text: str, codes: Collection[str], releases: dict[str, str], folder: Path, unsafe: bool) -> str:
    """The program after `peftlint --fix` (and `--unsafe-fixes`) with these rules, as the command line does it."""
    file = folder / "program.py"
    file.write_bytes(text.encode())
    command = [sys.executable, "-m", "peftlint", "--isolated", "--no-cache", "--quiet", "--fix"]
    command += ["--select", ",".join(sorted(codes))]
    command += ["--unsafe-fixes"] if unsafe else []
    command += [f"--target-{package}={release}" for package, release in releases.items()]
    completed = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert completed.returncode in (0, 1), completed.stderr
    return file.read_bytes().decode()
