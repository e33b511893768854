"""Programs as people write them: the default rules find what is marked in them, and nothing else.

How the programs are marked is in tests/programs/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.programs.reading import Program, check, programs

PROGRAMS = programs()


#: what is known to be wrong still; strict: a program that comes right must leave this list
KNOWN_GAPS = {
    "packages/threads_fastchat_lora": "target modules that come from the command line might be embeddings",
}


def _case(program: Program) -> object:
    gap = KNOWN_GAPS.get(program.name)
    marks = [pytest.mark.xfail(strict=True, reason=gap)] if gap else []
    return pytest.param(program, id=program.name, marks=marks)


@pytest.mark.parametrize("program", [_case(program) for program in PROGRAMS])
def test_findings_are_those_marked(program: Program, tmp_path: Path) -> None:
    findings, errors = check(program, tmp_path)
    difference = [f"missing:    {finding}" for finding in sorted(program.expected - findings)]
    difference += [f"unexpected: {finding}" for finding in sorted(findings - program.expected)]
    difference += [f"error:      {error}" for error in errors]
    if difference:
        pytest.fail("\n".join([program.name, *difference]), pytrace=False)


def test_a_third_of_the_programs_must_stay_silent() -> None:
    silent = sum(not program.expected for program in PROGRAMS)
    assert len(PROGRAMS) >= 140
    assert silent >= max(50, len(PROGRAMS) // 3)


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_programs_are_python(program: Program) -> None:
    """A program that does not parse would stay silent for the wrong reason."""
    for file in program.files:
        if file.suffix == ".py":
            compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
