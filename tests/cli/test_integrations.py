"""The pre-commit hooks and the GitHub Action, as far as they can be run without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_helpers import FOUNDING, Run, environment

ROOT = Path(__file__).parents[2]


def hooks() -> dict[str, dict[str, Any]]:
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return {hook["id"]: hook for hook in manifest}


def test_the_manifest_is_valid() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    assert [hook["id"] for hook in clientlib.load_manifest(ROOT / ".pre-commit-hooks.yaml")] == [
        "peftlint",
        "peftlint-fix",
    ]
    for hook in hooks().values():
        assert hook["types_or"] == ["python", "jupyter"] and hook["require_serial"]


def test_hooks_behave_as_pre_commit_expects(tree: Path, peftlint: Run) -> None:
    """Called with the changed files, it leaves excluded ones out; what it mends fails the commit once."""
    (tree / "vendor").mkdir()
    for name in ("a.py", "vendor/b.py"):
        (tree / name).write_text(FOUNDING)
    (tree / "peftlint.toml").write_text('extend-exclude = ["vendor"]\n')
    check = hooks()["peftlint"]["entry"].split()[1:]
    fix = hooks()["peftlint-fix"]["entry"].split()[1:]
    found = peftlint(*check, "a.py", "vendor/b.py")
    assert found.code == 1 and "vendor" not in found.out
    assert peftlint(*check, "vendor/b.py").code == 0
    assert peftlint(*fix, "a.py", "vendor/b.py").code == 1
    assert peftlint(*fix, "a.py", "vendor/b.py").code == 0
    assert "load_adapter" in (tree / "a.py").read_text()
    assert (tree / "vendor/b.py").read_text() == FOUNDING


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


def test_the_action_is_valid() -> None:
    schemas = pytest.importorskip("check_jsonschema.builtin_schemas")
    jsonschema = pytest.importorskip("jsonschema")
    folder = Path(schemas.__file__).parent / "vendor"
    jsonschema.validate(action(), json.loads((folder / "github-actions.json").read_text()))


@pytest.mark.skipif(os.name != "posix", reason="a script for bash")
def test_the_action_runs(tree: Path) -> None:
    (tree / "src").mkdir()
    (tree / "src" / "a.py").write_text(FOUNDING)
    output = tree / "output"
    step = next(step for step in action()["runs"]["steps"] if step.get("id") == "check")

    def call(paths: str, args: str = "", sarif: str = "") -> subprocess.CompletedProcess[str]:
        output.write_text("")
        env = environment() | {
            "PEFTLINT_PYTHON": sys.executable,
            "PEFTLINT_PATHS": paths,
            "PEFTLINT_ARGS": args,
            "PEFTLINT_SARIF": sarif,
            "GITHUB_OUTPUT": str(output),
        }
        # The shell that a composite step with `shell: bash` gets.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True)

    found = call("src", sarif="out.sarif")
    assert found.returncode == 1 and found.stdout.startswith("::error file=src/a.py,line=5")
    assert output.read_text() == "exit-code=1\n"
    assert len(json.loads((tree / "out.sarif").read_text())["runs"][0]["results"]) == 2
    assert call("src", "--select PEFT3").returncode == 0
    assert call("src missing").returncode == 2
    assert call("src; touch owned $(touch owned)").returncode == 2
    assert not (tree / "owned").exists()
