"""Findings in real packages are those that somebody has read."""

from __future__ import annotations

import importlib.metadata
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.ecosystem import reviewed
from tools.ecosystem.__main__ import PACKAGES, findings_in, main
from tools.ecosystem.reviewed import Reviewed

WRONG = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig())
model = PeftModel.from_pretrained(model, "adapter")
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Unpacked sources of one package, with a mistake."""
    package = tmp_path / "sources" / "peft"
    package.mkdir(parents=True)
    (package / "wrong.py").write_text(WRONG)
    return tmp_path / "sources"


def test_every_finding_of_the_list_has_a_verdict_and_a_reason() -> None:
    for each in reviewed.read():
        assert each.package in PACKAGES
        assert each.verdict in ("TRUE", "INTENDED"), each
        assert each.why, each


def test_a_finding_keeps_its_verdict_when_its_line_moves(sources: Path) -> None:
    known = [replace(each, verdict="TRUE", why="nested") for each in findings_in("peft", sources / "peft")]
    assert [each.code for each in known] == ["PEFT103"]
    (sources / "peft" / "wrong.py").write_text("import os\n\n" + WRONG)
    made = findings_in("peft", sources / "peft")
    assert made[0].line == known[0].line + 2
    assert not reviewed.compare(made, known, ["peft"])
    assert [each.verdict for each in reviewed.merged(made, known, ["peft"])] == ["TRUE"]


def test_new_and_gone_findings_are_changes(sources: Path) -> None:
    made = findings_in("peft", sources / "peft")
    gone = Reviewed("peft", "gone.py", "PEFT101", "", "0" * 16, 3, "...", "TRUE", "...")
    elsewhere = replace(gone, package="trl")
    change = reviewed.compare(made, [gone, elsewhere], ["peft"])
    assert [each.code for each in change.new] == ["PEFT103"]
    assert change.gone == (gone,)
    assert "new:" in str(change) and "gone:" in str(change)


def test_an_unreviewed_finding_fails_the_command(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reviewed, "LIST", tmp_path / "findings.jsonl")
    monkeypatch.setattr(reviewed.read, "__defaults__", (tmp_path / "findings.jsonl",))
    monkeypatch.setattr(reviewed.write, "__defaults__", (tmp_path / "findings.jsonl",))
    (tmp_path / "findings.jsonl").write_text("")
    assert main(["peft", "--sources", str(sources), "--write"]) == 1
    assert "1 unreviewed" in capsys.readouterr().out
    assert main(["peft", "--sources", str(sources)]) == 1
    (waiting,) = reviewed.read()
    reviewed.write([replace(waiting, verdict="TRUE", why="nested")])
    assert main(["peft", "--sources", str(sources)]) == 0


@pytest.mark.parametrize("package", ["peft", "trl"])
def test_the_installed_package_has_no_finding_that_nobody_has_read(package: str) -> None:
    """The wheel holds a part of the source archive: what is found in it must be in the list."""
    distribution = importlib.metadata.distribution(package)
    if distribution.version != PACKAGES[package]:
        pytest.skip(f"the list is of {package} {PACKAGES[package]}")
    known = {(each.code, each.context, each.hash) for each in reviewed.read() if each.package == package}
    made = findings_in(package, Path(str(distribution.locate_file(package))))
    assert [each for each in made if (each.code, each.context, each.hash) not in known] == []
