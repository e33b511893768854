"""Every rule is proved: wrong programs do harm when run, are flagged and mended; look-alikes are left alone.

The format of the fixture folders is in fixtures/README.md.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "proof")]

from linting import default_codes, fixed_text, lint, rules  # noqa: E402

from fixtures.programs import Folder, Program, folders  # noqa: E402

FOLDERS = folders()
#: fixes that change files, as opposed to those that are only shown
WRITTEN = ("safe", "unsafe")


def programs(*kinds: str) -> list[pytest.ParameterSet]:
    return [pytest.param(program, id=program.id) for folder in FOLDERS for program in folder.programs(*kinds)]


def harm_of(program: Program) -> tuple[str | None, BaseException | None]:
    """Run the program: (harm seen, exception). Skips where it cannot run here, as fixtures/README.md says."""
    from fixtures.elsewhere import interpreter_with, run_elsewhere
    from fixtures.programs import run

    if reason := program.headers.get("not run"):
        pytest.skip(f"documented, not run: {reason}")
    if any(version(package) != release for package, release in program.targets.items()):
        interpreter = interpreter_with(program.targets)
        if interpreter is None:
            pytest.skip(f"needs {program.headers['target']}: name an interpreter in PEFTLINT_PROOF_PYTHONS")
        return run_elsewhere(interpreter, program)
    with run(program) as result:
        return program.folder.proof().harm(result), result.error


@pytest.mark.parametrize("program", programs("bad"))
def test_wrong_program_does_harm(program: Program) -> None:
    harm, error = harm_of(program)
    if reason := program.headers.get("no harm"):
        assert error is None
        pytest.skip(f"documented, nothing to measure: {reason}")
    assert harm


@pytest.mark.parametrize("program", programs("fixed", "good"))
def test_right_program_does_no_harm(program: Program) -> None:
    harm, error = harm_of(program)
    assert error is None
    assert harm is None


def found(program: Program, codes: set[str]) -> set[tuple[int, str]]:
    return {(d.span.line, d.code) for d in lint(program.unmarked, codes, program.targets)}


@pytest.mark.parametrize("program", programs("bad"))
def test_wrong_program_is_flagged(program: Program) -> None:
    strict = program.expected("expect-strict")
    assert found(program, default_codes()) == program.expected()
    if strict:
        codes = {code for _, code in strict}
        assert found(program, codes) == strict


@pytest.mark.parametrize("program", programs("fixed", "good"))
def test_right_program_is_left_alone(program: Program) -> None:
    assert not program.expected() and not program.expected("expect-strict")
    assert found(program, default_codes() | {program.folder.code}) == set()


@pytest.mark.parametrize("program", programs("bad"))
def test_fix_gives_the_fixed_program(program: Program) -> None:
    codes = {code for _, code in program.expected() | program.expected("expect-strict")}
    diagnostics = lint(program.unmarked, codes, program.targets)
    offered = {d.fix.applicability.value for d in diagnostics if d.fix is not None}
    if promised := program.headers.get("fix"):
        assert offered == ({promised} if promised != "none" else set())
        if promised not in WRITTEN:
            return
    elif not any(offer.value in WRITTEN for offer in rules()[program.folder.code].fixes):
        return
    assert offered & set(WRITTEN), "no fix is offered"
    everything = fixed_text(program.unmarked, codes, program.targets, unsafe=True)
    assert everything == program.fixed.text
    if "unsafe" not in offered:
        assert fixed_text(program.unmarked, codes, program.targets, unsafe=False) == everything
    assert fixed_text(everything, codes, program.targets, unsafe=True) == everything


@pytest.mark.parametrize("folder", [pytest.param(f, id=f.path.name) for f in FOLDERS])
def test_folder_is_complete(folder: Folder) -> None:
    """A proof, a fixed form of each wrong program, and at least two look-alikes for each of them."""
    bad, good = folder.programs("bad"), folder.programs("good")
    assert bad
    assert callable(folder.proof().harm)
    assert [program.fixed.path.name for program in bad if not program.fixed.path.exists()] == []
    assert {p.suffix for p in folder.programs("fixed")} <= {p.suffix for p in bad}
    assert len(good) >= 2 * len(bad)
    for program in bad:
        codes = {code for _, code in program.expected() | program.expected("expect-strict")}
        assert folder.code in codes, f"{program.id} expects no {folder.code}"
    own = {p.path.name for p in folder.programs("bad", "fixed", "good")} | {"proof.py"}
    assert {p.name for p in folder.path.glob("*.py")} == own


def test_every_rule_has_its_folder() -> None:
    assert {(rule.code, rule.name) for rule in rules().values()} == {(f.code, f.name) for f in FOLDERS}
