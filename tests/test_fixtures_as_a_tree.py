"""`peftlint fixtures/`, as the README has it, finds every marked line and nothing else.

Programs of old releases name them in their first line, which only the proof reads: here they are left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.programs import folders
from peftlint.linter import check_paths
from peftlint.semantics.api.releases import PACKAGES
from peftlint.settings import Settings

ROOT = Path(__file__).parents[1]


def test_every_marked_line_and_nothing_else() -> None:
    programs = [program for folder in folders() for program in folder.programs("bad", "good", "fixed")]
    current = {program.path.resolve(): program for program in programs if not program.targets}
    assert len(current) > 500
    result = check_paths([ROOT / "fixtures"], Settings())
    assert result.errors == ()
    found = {
        (Path(d.path).resolve(), d.span.line, d.code)
        for d in result.findings
        if Path(d.path).resolve() in current
    }
    marked = set()
    for path in current:
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            _, _, codes = text.partition("# expect: ")
            marked |= {(path, line, code) for code in codes.split(", ") if code.startswith("PEFT")}
    assert found == marked


def test_the_folder_names_the_releases_that_the_programs_run_on() -> None:
    """Those of constraints.txt: the newest that work together."""
    named = (ROOT / "fixtures" / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert {line.partition("==")[0] for line in named} == set(PACKAGES)
    assert set(named) <= set(pinned)
