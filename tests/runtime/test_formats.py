"""`peftlint adapter` and `peftlint runtime` in every format of the linter, checked as its own reports are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema

from peftlint.cli import run
from peftlint.runtime.codes import registry
from tests.reporters.test_formats import DIAGNOSTIC, GITLAB, SCHEMAS, commands
from tests.runtime.folders import lora_config, lora_tensors, write
from tests.runtime.test_folder import SICK

Report = Callable[[str], str]
FOUND = {"PEFT522", "PEFT534", "PEFT553"}


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report of a folder with a healthy adapter, three sick ones and one that cannot be read."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "out" / "good")
    for name in ("untrained", "nan", "no scale"):
        _, tensors, changes = SICK[name]
        write(tmp_path / "out" / name, tensors(), lora_config(**changes))
    write(tmp_path / "out" / "broken")
    (tmp_path / "out" / "broken" / "adapter_config.json").write_text('{\n  "r": 4,\n}')

    def report(name: str) -> str:
        command = [sys.executable, "-m", "peftlint", "adapter", "out", "--output-format", name]
        paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=paths)
        assert (done.returncode, done.stderr) == (2, "")
        return done.stdout

    return report


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Report:
    """The report of a model that has one layer on another adapter."""
    pytest.importorskip("peft")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_code.py").write_text(
        "from tests.runtime.test_live import one_layer_switched\nmodel = one_layer_switched(None)\n"
    )

    def report(name: str) -> str:
        assert run(["runtime", "user_code.py", "--output-format", name]) == 1
        return capsys.readouterr().out

    return report


def sarif(text: str) -> list[Any]:
    document = json.loads(text)
    jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())).validate(
        document
    )
    (found,) = document["runs"]
    for rule in found["tool"]["driver"]["rules"]:
        code = registry()[rule["id"]]
        assert rule["fullDescription"]["text"] == code.documentation and rule["help"]["text"] == code.help
    results: list[Any] = found["results"]
    return results


def junit(text: str, folder: Path) -> None:
    (folder / "report.xml").write_text(text, encoding="utf-8")
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(str(folder / "report.xml"))


def test_adapter_formats(adapter: Report, tmp_path: Path) -> None:
    document = json.loads(adapter("json"))
    assert all(set(diagnostic) == DIAGNOSTIC for diagnostic in document["diagnostics"])
    assert {d["code"] for d in document["diagnostics"]} == FOUND
    assert [e["path"] for e in document["errors"]] == ["out/broken/adapter_config.json"]
    assert document["errors"][0]["line"] == 3
    lines = [json.loads(line) for line in adapter("jsonl").splitlines()]
    assert {line["code"] for line in lines if "code" in line} == FOUND and len(lines) == 4
    results = sarif(adapter("sarif"))
    places = [
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results if r.get("ruleId")
    ]
    assert "out/no%20scale/adapter_config.json" in places and len(places) == 3
    junit(text := adapter("junit"), tmp_path)
    assert 'failures="3" errors="1"' in text
    jsonschema.validate(issues := json.loads(adapter("gitlab")), GITLAB)
    assert len(issues) == len({issue["fingerprint"] for issue in issues}) == 4
    read = commands(adapter("github"))
    assert [command for command, _, _ in read] == ["error"] * 4
    assert {properties["file"] for _, properties, _ in read} >= {"out/no scale/adapter_config.json"}
    assert all(f" {code} " in adapter("concise") for code in FOUND)


def test_runtime_formats(runtime: Report, tmp_path: Path) -> None:
    (diagnostic,) = json.loads(runtime("json"))["diagnostics"]
    assert set(diagnostic) == DIAGNOSTIC and diagnostic["path"] == "user_code.py"
    assert json.loads(runtime("jsonl"))["code"] == "PEFT617"
    assert [result["ruleId"] for result in sarif(runtime("sarif"))] == ["PEFT617"]
    junit(runtime("junit"), tmp_path)
    jsonschema.validate(json.loads(runtime("gitlab")), GITLAB)
    ((command, properties, message),) = commands(runtime("github"))
    assert (command, properties["file"]) == ("error", "user_code.py") and "layers disagree" in message
    assert runtime("concise").startswith("user_code.py:1:1: PEFT617 ")


@pytest.mark.parametrize("name", ["json", "jsonl", "sarif", "junit", "gitlab", "github", "concise"])
def test_healthy_in_every_format(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "a", lora_tensors())
    assert run(["adapter", str(folder), "--output-format", name]) == 0
    text = capsys.readouterr().out
    if name == "sarif":
        assert sarif(text) == []
    elif name == "junit":
        junit(text, tmp_path)
    elif name == "gitlab":
        assert json.loads(text) == []
    elif name == "json":
        assert json.loads(text)["summary"]["files"] == 1
    else:
        assert "PEFT" not in text
