"""As a new user starts: a fresh environment, the built wheel, a repository with a mistake in it, pre-commit, an editor.

Installing needs a package registry: without one the whole module is skipped, and says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

MISTAKE = """\
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
model.set_adapter("math")
print(model.generate(inputs))
"""
MENDED = """\
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/math", adapter_name="math")
model.set_adapter("math")
print(model.generate(inputs))
"""
#: seconds for one command; only a registry that hangs ever gets there
PATIENCE = 300
#: what is in the way of a process that is to know nothing of this one
_OURS = (
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "PIP_CONSTRAINT",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "FORCE_COLOR",
)
_GIT = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A User"), ("EMAIL", "user@example.org"))
} | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def call(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in _OURS}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=clean | _GIT | env, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


def succeed(*command: str | Path, cwd: Path, **env: str) -> str:
    done = call(*command, cwd=cwd, **env)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def registry(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where nothing can be installed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("registry")
    ask = ("-m", "pip", "download", "--quiet", "--no-deps", "--timeout", "5", "--retries", "0", "packaging")
    try:
        answer = call(sys.executable, *ask, cwd=folder)
    except subprocess.TimeoutExpired:
        pytest.skip("no package registry is reachable: no answer")
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"no package registry is reachable: {last}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project as it is here, with the release that the recipes name."""
    target = tmp_path_factory.mktemp("clone") / "peftlint"
    skipped = shutil.ignore_patterns("__pycache__", ".*", "site", "dist")
    shutil.copytree(ROOT / "peftlint", target / "peftlint", ignore=skipped)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy2(ROOT / name, target / name)
    for words in ("init --quiet", "add --all", "commit --quiet -m release", "tag v0.1.0"):
        succeed("git", *words.split(), cwd=target)
    return target


@dataclass
class Installed:
    """An environment into which the wheel, and nothing of ours besides, was installed."""

    scripts: Path
    folder: Path

    @property
    def peftlint(self) -> Path:
        return self.scripts / "peftlint"


@pytest.fixture(scope="module")
def installed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel is installed beside the oldest releases that it says it works with."""
    folder = tmp_path_factory.mktemp("user")
    succeed(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        folder,
        checkout,
        cwd=folder,
    )
    [wheel] = folder.glob("peftlint-*.whl")
    dependencies = re.search(
        r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE
    )
    assert dependencies is not None
    oldest = re.findall(r'"([\w-]+)>=([\d.]+)"', dependencies[1])
    assert {name for name, _ in oldest} == {"click", "libcst", "packaging", "pathspec"}
    if sys.version_info >= (3, 14):  # the oldest libcst has no wheels for it
        oldest = [(name, release) for name, release in oldest if name != "libcst"]
    (folder / "oldest.txt").write_text("".join(f"{name}=={release}\n" for name, release in oldest))
    succeed(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = (scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    succeed(*pip, "--constraint", folder / "oldest.txt", f"{wheel}[lsp]", cwd=folder)
    return Installed(scripts, folder)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository of somebody else's, with a mistake that is not committed yet."""
    folder = tmp_path / "theirs"
    (folder / "src").mkdir(parents=True)
    (folder / "vendor").mkdir()
    (folder / "pyproject.toml").write_text('[tool.peftlint]\nextend-exclude = ["vendor"]\n')
    (folder / "src" / "serve.py").write_text(MISTAKE)
    (folder / "vendor" / "old.py").write_text(MISTAKE)
    succeed("git", "init", "--quiet", cwd=folder)
    return folder


def test_the_command_line_from_the_wheel(installed: Installed, repository: Path) -> None:
    """Findings, a report for code scanning that is valid, and the fix; where none of the libraries is installed."""
    jsonschema = pytest.importorskip("jsonschema")
    missing = "import importlib.util as u; assert not [n for n in ('torch', 'transformers', 'peft') if u.find_spec(n)]"
    succeed(installed.scripts / "python", "-c", missing, cwd=repository)
    assert succeed(installed.peftlint, "--version", cwd=repository).startswith("peftlint 0.1.0")
    reports = ("--output-format", "concise", "--output-format", "sarif:out.sarif")
    found = call(installed.peftlint, *reports, cwd=repository)
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith("src/serve.py:5:1: PEFT101 add-adapter-from-pretrained: [*]")
    report = json.loads((repository / "out.sarif").read_text())
    schema = ROOT / "tests" / "reporters" / "schemas" / "sarif-2.1.0-rtm.5.json"
    jsonschema.Draft4Validator(json.loads(schema.read_text())).validate(report)
    [result] = report["runs"][0]["results"]
    assert result["ruleId"] == "PEFT101" and result["codeFlows"] and result["fixes"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/serve.py"
    assert "Why is this bad?" in succeed(installed.peftlint, "rule", "PEFT101", cwd=repository)
    succeed(installed.peftlint, "--fix", "src", cwd=repository)
    assert (repository / "src" / "serve.py").read_text() == MENDED
    assert (repository / "vendor" / "old.py").read_text() == MISTAKE


def test_a_package_with_rules_of_its_own(installed: Installed, repository: Path) -> None:
    """pip installs the example; its rule is there at once."""
    pip = (installed.scripts / "python", "-m", "pip", "install", "--quiet", "--no-deps")
    # a copy: building must leave nothing in the repository
    package = shutil.copytree(ROOT / "examples" / "house-rules", repository.parent / "house-rules")
    succeed(*pip, package, cwd=repository)
    try:
        assert "HOUSE101" in succeed(installed.peftlint, "rule", "HOUSE101", cwd=repository)
        (repository / "src" / "poetry.py").write_text(MENDED.replace("math", "poetry"))
        found = call(
            installed.peftlint,
            "--select",
            "HOUSE",
            "--output-format",
            "concise",
            "src/poetry.py",
            cwd=repository,
        )
        assert found.returncode == 1 and ": HOUSE101 " in found.stdout
    finally:
        succeed(
            installed.scripts / "python",
            "-m",
            "pip",
            "uninstall",
            "--quiet",
            "--yes",
            "house-rules",
            cwd=repository,
        )


def test_an_editor_with_the_installed_server(installed: Installed, repository: Path) -> None:
    """The fix is applied to a buffer that was never saved."""
    pytest.importorskip("pygls")
    from lsp_editor import editing, line_range

    async def session() -> None:
        async with editing(repository, installed=installed.peftlint) as editor:
            uri = editor.open("src/new.py", MISTAKE)
            [found] = await editor.diagnostics(uri)
            assert found.code == "PEFT101" and found.range.start.line == 4
            actions = await editor.actions(uri, line_range(4))
            [fix] = [action for action in actions.values() if action.is_preferred]
            await editor.choose(fix)
            assert editor.texts[uri] == MENDED
            assert await editor.diagnostics(uri) == []
            assert not (repository / "src" / "new.py").exists()

    asyncio.run(session())


def test_pre_commit_refuses_mends_and_lets_pass(checkout: Path, repository: Path, tmp_path: Path) -> None:
    """The real pre-commit, with the hooks of a clone: it makes its own environment, with the newest releases."""
    pytest.importorskip("pre_commit")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {checkout.as_posix()}\n    rev: v0.1.0\n    hooks:\n"
        "      - id: peftlint\n      - id: peftlint-fix\n        stages: [manual]\n"
    )
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    pre_commit = (sys.executable, "-m", "pre_commit")
    succeed(*pre_commit, "install", cwd=repository, **home)
    succeed("git", "add", "--all", cwd=repository)

    refused = call("git", "commit", "-m", "serve", cwd=repository, **home)
    assert refused.returncode == 1, refused.stderr
    shown = refused.stdout + refused.stderr
    assert "PEFT101" in shown and "src/serve.py:5:1" in shown and "vendor" not in shown
    assert call("git", "rev-parse", "--verify", "HEAD", cwd=repository).returncode != 0
    assert (repository / "src" / "serve.py").read_text() == MISTAKE

    mended = call(*pre_commit, "run", "--hook-stage", "manual", "peftlint-fix", cwd=repository, **home)
    assert mended.returncode == 1 and "1 fixed, 0 left" in mended.stdout
    assert (repository / "src" / "serve.py").read_text() == MENDED
    assert (repository / "vendor" / "old.py").read_text() == MISTAKE

    succeed("git", "add", "--all", cwd=repository)
    passed = call("git", "commit", "-m", "serve", cwd=repository, **home)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert succeed("git", "show", "HEAD:src/serve.py", cwd=repository) == MENDED
