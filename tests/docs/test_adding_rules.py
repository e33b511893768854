"""docs/adding-rules.md is followed to the letter, in a copy of the repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pages import DOCS, agrees, follow

ROOT = DOCS.parent


def copy_of_the_repository(target: Path) -> None:
    """The files that the page's commands need, without the folders of the other rules."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = listed.stdout.split()
    if not names:  # sources without a repository
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [str(path) for path in found if not any(part.startswith(".") for part in path.parts[:-1])]
    for name in names:
        if (
            name.startswith(("tests/programs/", "tests/runtime/", "benchmarks/"))
            or not (ROOT / name).is_file()
        ):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def test_the_page_adds_a_rule(tmp_path: Path) -> None:
    copy = tmp_path / "peftlint"
    copy_of_the_repository(copy)
    for command, printed in follow((DOCS / "adding-rules.md").read_text(encoding="utf-8"), copy):
        assert agrees(command.shown, printed), f"$ {command.line}\n{printed}"
    assert "PEFT299" in (copy / "README.md").read_text() and (copy / "docs/rules/zero-lora-alpha.md").exists()


def test_the_code_of_the_example_is_not_taken() -> None:
    from peftlint.rules.registry import builtin_rules

    assert "PEFT299" not in builtin_rules()
