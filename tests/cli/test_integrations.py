"""The pre-commit hooks, the GitHub Action and the recipes, as far as they can be run without a network."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from cli_helpers import FOUNDING, Run, environment

import peftlint as peftlint_package

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


def test_the_scripts_of_the_action_pass_shellcheck() -> None:
    shellcheck = shutil.which(
        "shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    assert shellcheck is not None, "the extra dev brings it"
    scripts = [step["run"] for step in action()["runs"]["steps"]]

    def judged(script: str) -> subprocess.CompletedProcess[str]:
        command = [shellcheck, "--shell=bash", "--severity=style", "-"]
        return subprocess.run(command, input=script, capture_output=True, text=True)

    for script in scripts:
        assert judged(script).returncode == 0, judged(script).stdout
    # Without the quotes it does complain.
    assert judged(scripts[1].replace('"${paths[@]}"', "${paths[@]}")).returncode == 1


def test_the_recipe_agrees_with_the_action(tree: Path) -> None:
    """The workflow on the page is valid, and gives the action inputs that it has; actionlint says so too."""
    schemas = pytest.importorskip("check_jsonschema.builtin_schemas")
    jsonschema = pytest.importorskip("jsonschema")
    page = (ROOT / "docs" / "integrations.md").read_text()
    [jobs] = re.findall(r"```yaml\n(jobs:.*?)```", page, re.DOTALL)
    text = "on: [push, pull_request]\n" + jobs
    workflow = yaml.safe_load(text)
    folder = Path(schemas.__file__).parent / "vendor"
    # YAML 1.1 reads the key `on` as true.
    jsonschema.validate(
        {"on": workflow.pop(True), **workflow}, json.loads((folder / "github-workflows.json").read_text())
    )
    [step] = [s for s in workflow["jobs"]["peftlint"]["steps"] if s["uses"].startswith("peftlint/peftlint@")]
    assert set(step["with"]) <= set(action()["inputs"])
    assert step["uses"].partition("@")[2] == f"v{peftlint_package.__version__}"

    actionlint = shutil.which("actionlint")
    if actionlint is not None:
        workflows = tree / ".github" / "workflows"
        workflows.mkdir(parents=True)
        (tree / ".git").mkdir()
        (tree / "action.yml").write_text((ROOT / "action.yml").read_text())
        (workflows / "lint.yml").write_text(text.replace(step["uses"], "./"))
        done = subprocess.run([actionlint], cwd=tree, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "heading"), [("gitlab-ci", "GitLab"), ("azure-pipelines", "Azure Pipelines")]
)
def test_other_recipes_are_valid(schema: str, heading: str) -> None:
    schemas = pytest.importorskip("check_jsonschema.builtin_schemas")
    jsonschema = pytest.importorskip("jsonschema")
    page = (ROOT / "docs" / "integrations.md").read_text()
    [recipe] = re.findall(rf"## {heading}\n+```yaml\n(.*?)```", page, re.DOTALL)
    folder = Path(schemas.__file__).parent / "vendor"
    jsonschema.validate(yaml.safe_load(recipe), json.loads((folder / f"{schema}.json").read_text()))


def test_the_recipes_of_tox_and_nox_call_what_exists(tree: Path, peftlint: Run) -> None:
    page = (ROOT / "docs" / "integrations.md").read_text()
    [ini] = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    tox = configparser.ConfigParser()
    tox.read_string(ini)
    command = tox["testenv:peftlint"]["commands"].replace("{posargs:src tests}", "src tests").split()
    [noxfile] = re.findall(r"```python\n(# noxfile.py.*?)```", page, re.DOTALL)
    ran: list[tuple[str, ...]] = []
    session = SimpleNamespace(posargs=[], install=lambda *words: None, run=lambda *words: ran.append(words))
    namespace: dict[str, Any] = {}
    exec(noxfile.replace("import nox", ""), {"nox": SimpleNamespace(session=lambda f: f)}, namespace)
    namespace["peftlint"](session)
    assert command == ["peftlint", "src", "tests"] and ran == [("peftlint", "src", "tests")]
    for name in ("src", "tests"):
        (tree / name).mkdir()
    (tree / "src" / "a.py").write_text(FOUNDING)
    assert peftlint(*command[1:]).code == 1


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
