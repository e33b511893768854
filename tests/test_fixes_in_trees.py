"""`python -m tools.fixes`: a sound fix passes, and each kind of fault that a fix could make is seen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.linter import Options
from peftlint.result import FileReport
from peftlint.settings import Settings
from tools.fixes.__main__ import main
from tools.fixes.checking import alone, fixed
from tools.fixes.texts import faults_of_text, faults_of_tree

DISCARDED = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapter")
model.merge_and_unload()  # for speed
model.save_pretrained("merged")
"""
MERGED = DISCARDED.replace("model.merge", "model = model.merge")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package in which one file is to be fixed, and another one imports it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "merging.py").write_text(DISCARDED)
    (folder / "serving.py").write_text("from merging import model\n\nmodel.eval()\n")
    return folder


def test_a_sound_fix_passes_and_nothing_is_written(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tree), "--show", "--select", "PEFT5"]) == 0
    told = capsys.readouterr().out
    assert "1 fixes applied in 1 files, 0 dropped, 0 faulty" in told
    assert "+model = model.merge_and_unload()  # for speed" in told
    assert (tree / "merging.py").read_text() == DISCARDED


def test_what_a_fix_does_to_a_file_that_imports_the_fixed_one(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import tools.fixes.trees as trees

    def checked(raw: bytes, job: object, options: Options, project: object) -> FileReport:
        """As if serving.py could not be read beside the fixed merging.py."""
        report = real(raw, job, options, project)
        broken = b"merging" in raw and "model = model" in (Path(job.path).parent / "merging.py").read_text()
        return replace(report, diagnostics=(found,)) if broken else report

    real = trees.finished
    (found,) = alone("serving.py", Settings())(DISCARDED.encode(), Options()).diagnostics
    monkeypatch.setattr(trees, "finished", checked)
    assert main([str(tree), "--select", "PEFT5"]) == 1
    assert (
        "serving.py: new once the other files are fixed: {'PEFT501 in serving.py': 1}"
        in capsys.readouterr().out
    )


Lie = Callable[[bytes, FileReport], FileReport]


def lying(lie: Lie) -> tuple[str, ...]:
    """The faults that are seen if the linter's reports on the program are changed like this."""
    check = alone("a.py", Settings())
    return fixed(
        DISCARDED.encode(),
        "a.py",
        lambda raw, options: lie(raw, check(raw, options)),
        Applicability.UNSAFE,
    ).faults


def test_faults_of_findings() -> None:
    finding: Diagnostic = alone("a.py", Settings())(DISCARDED.encode(), Options()).diagnostics[0]

    def stays(raw: bytes, report: FileReport) -> FileReport:
        return replace(report, diagnostics=(finding,)) if raw == MERGED.encode() else report

    def brings(raw: bytes, report: FileReport) -> FileReport:
        other = replace(finding, code="PEFT999")
        return replace(report, diagnostics=(other,)) if raw == MERGED.encode() else report

    def again(raw: bytes, report: FileReport) -> FileReport:
        if raw != MERGED.encode():
            return report
        return replace(report, change=(raw, raw + b"#"), fixed={"PEFT501": 1})

    def counts(raw: bytes, report: FileReport) -> FileReport:
        return replace(report, change=None)

    assert lying(lambda raw, report: report) == ()
    assert "fixed and still there: PEFT501" in lying(stays)
    assert "new findings: {'PEFT999': 1}" in lying(brings)
    assert "a second run changes the file again: {'PEFT501': 1}" in lying(again)
    assert lying(counts) == ("fixes are counted, and nothing changes",)


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (MERGED, None),
        (MERGED.replace('"merged")', '"merged"'), "does not parse"),
        (MERGED.replace("  # for speed", ""), "comments are lost"),
        (MERGED.replace("unload()  # for", "unload() \n# for"), "blanks at the end"),
        (MERGED.replace("unload()", "unload()\n\n\n\n"), "blank lines in a row"),
        (MERGED.replace("model.save", "model .\\\n\tsave"), "tabs where there was none"),
        (MERGED.replace("\n", "\r\n"), "CRLF where there was none"),
        ("\ufeff" + MERGED, "byte order mark"),
        (MERGED.rstrip(), "end of the file"),
        (MERGED.replace('save_pretrained("m', 'save_pretrained(self.folder + "m'), "attributes of self"),
        (MERGED.replace("from peft import PeftModel\n", ""), "ruff: F821 Undefined name `PeftModel`"),
        (MERGED.replace("import PeftModel", "import PeftModel, LoraConfig"), "ruff: F401"),
        (DISCARDED + "x = 1\n" * 20, None),
        ],
)  # fmt: skip
def test_faults_of_texts(after: str, fault: str | None) -> None:
    faults = faults_of_text(DISCARDED.encode(), after.encode(), "a.py")
    assert bool(faults) == (fault is not None), faults
    assert fault is None or any(fault in each for each in faults)


def test_what_was_there_before_is_no_fault() -> None:
    unused = b"from peft import prepare_model_for_int8_training  \n"
    assert faults_of_text(unused, unused.replace(b"int8", b"kbit"), "a.py") == []


def test_a_fix_changes_a_few_lines() -> None:
    many = "import peft\n" + "print(peft)\n" * 40
    assert "40 lines of 41 changed" in faults_of_text(many.encode(), b"import peft\nprint(peft.x)\n", "a.py")


def test_a_statement_that_was_not_touched_is_another_one() -> None:
    code = 'if a:\n    b = 1\n    c = """\nd = 2\n"""\n    e = 3\n'
    assert faults_of_tree(code, code.replace("b = 1", "b = 9")) == []
    assert faults_of_tree(code, code.replace("b = 1", "b = 1\n    g = 1")) == []
    assert faults_of_tree(code, code.replace("b = 1", 'b = """"""')) == []
    assert faults_of_tree(code, code + "    f = 4\n") == []
    assert faults_of_tree("a = 1\nb = 2\nc = 3\nd = 4\n", 'a = """\nb = 2\nc = 3\n"""\nd = 4\n') == [
        "the statement in line 2 was not touched, and is another one"
    ]
