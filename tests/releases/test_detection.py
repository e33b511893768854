"""Which releases a project uses: each test is a small project."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from peftlint.semantics.api.releases import known_releases, newest_release
from peftlint.targets import Target, Targets, detect
from peftlint.targets.detection import forget

Project = Callable[[Mapping[str, str]], Path]


def of(root: Path, package: str = "peft", file: str = "train.py") -> Target:
    return detect(root / file, {}).of(package)


# -- requirements.txt

REQUIREMENTS = {
    "pin": ("peft==0.10.0\n", ("0.10.0",)),
    "pin among others": ("torch\npeft == 0.10.0 # pinned\ntrl\n", ("0.10.0",)),
    "name in capitals": ("PEFT==0.10.0\n", ("0.10.0",)),
    "extras": ("peft[test]==0.10.0\n", ("0.10.0",)),
    "marker": ('peft==0.10.0; python_version >= "3.8"\n', ("0.10.0",)),
    "range": ("peft>=0.10,<0.12\n", ("0.10.0", "0.11.0", "0.11.1")),
    "compatible": ("peft~=0.11.0\n", ("0.11.0", "0.11.1")),
    "series": ("peft==0.11.*\n", ("0.11.0", "0.11.1")),
    "exclusion": ("peft>=0.11,!=0.11.0,<0.12\n", ("0.11.1",)),
    "alternatives by marker": (
        "peft==0.10.0; python_version<'3.9'\npeft==0.12.0; python_version>='3.9'\n",
        ("0.10.0", "0.12.0"),
    ),
    "hashes": ("peft==0.10.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n", ("0.10.0",)),
    "options before": ("--extra-index-url https://example.org/simple\npeft==0.10.0\n", ("0.10.0",)),
    "tag": ("git+https://github.com/huggingface/peft.git@v0.10.0\n", ("0.10.0",)),
    "named tag": ("peft @ git+https://github.com/huggingface/peft@v0.10.0\n", ("0.10.0",)),
    "egg": ("-e git+https://github.com/someone/fork.git@v0.10.0#egg=peft\n", ("0.10.0",)),
    "wheel": ("https://example.org/peft-0.10.0-py3-none-any.whl\n", ("0.10.0",)),
    "archive": ("https://github.com/huggingface/peft/archive/refs/tags/v0.10.0.tar.gz\n", ("0.10.0",)),
    "windows line ends": ("torch\r\npeft==0.10.0\r\n", ("0.10.0",)),
    "byte order mark": ("\ufeffpeft==0.10.0\n", ("0.10.0",)),
    "unknown newer": ("peft==0.99\n", ("0.99",)),
    "unknown newer range": ("peft>=0.99\n", ("0.99",)),
    "development release": ("peft==0.99.0.dev0\n", ("0.99.0.dev0",)),
    "continued line": ("peft>=0.11,\\\n<0.12\n", ("0.11.0", "0.11.1")),
}


@pytest.mark.parametrize("case", REQUIREMENTS)
def test_requirements(project: Project, case: str) -> None:
    content, releases = REQUIREMENTS[case]
    targets = detect(project({"requirements.txt": content}) / "train.py", {})
    assert targets.peft.releases == releases
    assert targets.peft.origin.startswith("requirements.txt:")
    assert targets.warnings == ()


SILENT_REQUIREMENTS = {
    "nothing": "",
    "comment": "# peft==0.10.0\n",
    "another package": "peft-lens==0.10.0\nmy-peft==0.10\n",
    "other library": "torch==2.1\n",
    "branch": "git+https://github.com/huggingface/peft.git@main\n",
    "no version": "peft\n",
    "directory": "./peft\n-e ../peft\npeft/setup.py\n",
}


@pytest.mark.parametrize("case", SILENT_REQUIREMENTS)
def test_requirements_that_say_nothing(project: Project, case: str) -> None:
    targets = detect(project({"requirements.txt": SILENT_REQUIREMENTS[case]}) / "train.py", {})
    assert targets.peft.releases == (newest_release("peft"),)
    assert targets.warnings == ()


def test_mention_without_version_is_told(project: Project) -> None:
    target = of(project({"requirements.txt": "torch\npeft\n"}))
    assert target.origin == "newest known release (requirements.txt:2: peft, no version)"


def test_origin_names_file_line_and_text(project: Project) -> None:
    target = of(project({"requirements.txt": "torch\n\npeft >= 0.10, < 0.12  # why\n"}))
    assert target.origin == "requirements.txt:3: peft >= 0.10, < 0.12"


def test_nested_requirements_and_constraints(project: Project) -> None:
    root = project(
        {
            "requirements.txt": "-r deps/base.txt\n-c deps/constraints.txt\n",
            "deps/base.txt": "peft>=0.10\n--requirement more.txt\n",
            "deps/more.txt": "transformers==4.40.0\n-r base.txt\n",
            "deps/constraints.txt": "peft<0.12\ntrl==0.9.6\n",
        }
    )
    targets = detect(root / "train.py", {})
    assert targets.peft.releases == ("0.10.0", "0.11.0", "0.11.1")
    assert targets.peft.origin == "deps/base.txt:1: peft>=0.10"
    assert targets.transformers.releases == ("4.40.0",)
    # A constraint alone installs nothing; beside an old peft it may be any.
    assert targets.trl.releases == known_releases("trl")


def test_missing_nested_file_is_a_warning(project: Project) -> None:
    targets = detect(project({"requirements.txt": "-r gone.txt\npeft==0.10.0\n"}) / "a.py", {})
    assert targets.peft.releases == ("0.10.0",)
    assert targets.warnings == ("gone.txt: cannot be read: No such file or directory",)


def test_requirements_in_utf16(project: Project) -> None:
    root = project({})
    (root / "requirements.txt").write_bytes("peft==0.10.0\r\n".encode("utf-16"))
    assert of(root).releases == ("0.10.0",)


def test_requirements_txt_before_its_variants(project: Project) -> None:
    root = project({"requirements.txt": "peft==0.10.0\n", "requirements-dev.txt": "peft==0.11.1\n"})
    assert of(root).releases == ("0.10.0",)


def test_variants_count_together(project: Project) -> None:
    root = project(
        {
            "requirements.txt": "torch\n",
            "requirements-cpu.txt": "peft==0.10.0\n",
            "requirements-gpu.txt": "peft==0.11.1\n",
        }
    )
    assert of(root).releases == ("0.10.0", "0.11.1")


def test_requirements_folder(project: Project) -> None:
    root = project(
        {"requirements/train.txt": "peft==0.10.0\n", "setup.py": "setup(install_requires=['peft'])"}
    )
    assert of(root).releases == ("0.10.0",)


def test_requirements_folder_does_not_outweigh_metadata(project: Project) -> None:
    metadata = '[project]\ndependencies = ["peft==0.9.0"]\n'
    root = project({"requirements/one_backend.txt": "peft==0.10.0\n", "pyproject.toml": metadata})
    assert of(root).releases == ("0.9.0",)


def test_long_origins_are_cut(project: Project) -> None:
    root = project({f"requirements-{n}.txt": f"peft==0.{n}.0\n" for n in (8, 9, 11, 12)})
    origin = "requirements-11.txt:1: peft==0.11.0, requirements-12.txt:1: peft==0.12.0 and 2 more"
    assert (of(root).releases, of(root).origin) == (("0.8.0", "0.9.0", "0.11.0", "0.12.0"), origin)


# -- locks

UV_LOCK = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "accelerate"
version = "1.0.0"
dependencies = [{ name = "peft" }]

[[package]]
name = "peft"
version = "0.17.1"
source = { registry = "https://example.org/simple" }
dependencies = [
    { name = "torch", marker = "sys_platform != 'darwin'" },
]
sdist = { url = "https://example.org/peft-0.17.1.tar.gz", hash = "sha256:00", size = 1 }

[package.optional-dependencies]
test = [{ name = "pytest" }]

[[package]]
name = "project"
source = { editable = "." }
"""

LOCKS = {
    "uv.lock": UV_LOCK,
    "poetry.lock": """\
        # This file is automatically @generated by Poetry
        [[package]]
        name = "peft"
        version = "0.17.1"
        description = "Parameter-Efficient Fine-Tuning (PEFT)"
        optional = false

        [package.dependencies]
        torch = ">=1.13.0"

        [metadata]
        lock-version = "2.0"
        """,
    "pdm.lock": """\
        [metadata]
        groups = ["default"]

        [[package]]
        name = "peft"
        version = "0.17.1"
        requires_python = ">=3.9.0"
        """,
    "pylock.toml": """\
        lock-version = "1.0"
        created-by = "pip"

        [[packages]]
        name = "peft"
        version = "0.17.1"

        [[packages.wheels]]
        name = "peft-0.17.1-py3-none-any.whl"
        """,
}


@pytest.mark.parametrize("name", LOCKS)
def test_locks(project: Project, name: str) -> None:
    targets = detect(project({name: LOCKS[name], "requirements.txt": "peft==0.10.0\n"}) / "a.py", {})
    assert targets.peft.releases == ("0.17.1",)
    assert targets.peft.origin.startswith(f"{name}:") and targets.peft.origin.endswith("peft==0.17.1")
    assert targets.warnings == ()


def test_line_of_a_lock_entry(project: Project) -> None:
    assert of(project({"uv.lock": UV_LOCK})).origin == "uv.lock:9: peft==0.17.1"


def test_forked_lock(project: Project) -> None:
    fork = UV_LOCK.replace('"accelerate"', '"peft"').replace('"1.0.0"', '"0.16.0"')
    assert of(project({"uv.lock": fork})).releases == ("0.16.0", "0.17.1")


def test_uv_before_poetry(project: Project) -> None:
    root = project({"uv.lock": UV_LOCK, "poetry.lock": LOCKS["poetry.lock"].replace("0.17.1", "0.10.0")})
    assert of(root).releases == ("0.17.1",)


def test_a_lock_without_the_package_leaves_it_to_others(project: Project) -> None:
    root = project({"uv.lock": UV_LOCK, "requirements.txt": "trl==0.9.6\n"})
    assert of(root, "trl").releases == ("0.9.6",)


def test_broken_lock_entry(project: Project) -> None:
    root = project(
        {"uv.lock": UV_LOCK.replace('"0.17.1"\n', '"0.17.1\n'), "requirements.txt": "peft==0.10.0"}
    )
    targets = detect(root / "a.py", {})
    assert targets.peft.releases == ("0.10.0",)
    assert len(targets.warnings) == 1
    assert targets.warnings[0].startswith("uv.lock:9: the entry of peft cannot be read")


# -- pyproject.toml

PYPROJECT = {
    "dependencies": ('[project]\ndependencies = ["torch", "peft>=0.10,<0.11"]\n', ("0.10.0",)),
    "extra": ('[project.optional-dependencies]\ntrain = ["peft==0.10.0"]\n', ("0.10.0",)),
    "dependencies before extras": (
        '[project]\ndependencies = ["peft==0.10.0"]\noptional-dependencies.old = ["peft==0.9.0"]\n',
        ("0.10.0",),
    ),
    "extras together": (
        '[project.optional-dependencies]\nold = ["peft==0.9.0"]\nnew = ["peft==0.10.0"]\n',
        ("0.9.0", "0.10.0"),
    ),
    "group": (
        '[dependency-groups]\ntrain = ["peft==0.10.0", {include-group = "lint"}]\nlint = []\n',
        ("0.10.0",),
    ),
    "poetry pin": ('[tool.poetry.dependencies]\npython = "^3.10"\npeft = "0.10.0"\n', ("0.10.0",)),
    "poetry caret": ('[tool.poetry.dependencies]\npeft = "^0.11.0"\n', ("0.11.0", "0.11.1")),
    "poetry tilde": ('[tool.poetry.dependencies]\npeft = "~0.11"\n', ("0.11.0", "0.11.1")),
    "poetry wildcard": ('[tool.poetry.dependencies]\npeft = "0.11.*"\n', ("0.11.0", "0.11.1")),
    "poetry range": ('[tool.poetry.dependencies]\npeft = ">=0.10 <0.11"\n', ("0.10.0",)),
    "poetry either": ('[tool.poetry.dependencies]\npeft = "0.9.0 || 0.10.0"\n', ("0.9.0", "0.10.0")),
    "poetry table": ('[tool.poetry.dependencies.peft]\nversion = "0.10.0"\noptional = true\n', ("0.10.0",)),
    "poetry git tag": (
        '[tool.poetry.dependencies]\npeft = {git = "https://x/peft", tag = "v0.10.0"}\n',
        ("0.10.0",),
    ),
    "poetry by marker": (
        '[tool.poetry.dependencies]\npeft = [{version = "0.9.0", python = "<3.9"}, {version = "0.10.0"}]\n',
        ("0.9.0", "0.10.0"),
    ),
    "poetry group": ('[tool.poetry.group.train.dependencies]\npeft = "0.10.0"\n', ("0.10.0",)),
    "uv constraint": (
        '[project]\ndependencies = ["peft>=0.10"]\n[tool.uv]\nconstraint-dependencies = ["peft<0.11"]\n',
        ("0.10.0",),
    ),
    "pdm": ('[tool.pdm.dev-dependencies]\ntrain = ["peft==0.10.0"]\n', ("0.10.0",)),
    "hatch": ('[tool.hatch.envs.default]\ndependencies = ["peft==0.10.0"]\n', ("0.10.0",)),
}


@pytest.mark.parametrize("case", PYPROJECT)
def test_pyproject(project: Project, case: str) -> None:
    content, releases = PYPROJECT[case]
    targets = detect(project({"pyproject.toml": content}) / "src/train.py", {})
    assert targets.peft.releases == releases
    assert targets.peft.origin.startswith("pyproject.toml:")
    assert ":0:" not in targets.peft.origin
    assert targets.warnings == ()


POETRY_CARETS = {
    "^1.2.3": ">=1.2.3,<2",
    "^0.3": ">=0.3,<0.4",
    "^0.0.3": ">=0.0.3,<0.0.4",
    "^0.0": ">=0.0,<0.1",
    "^0": ">=0,<1",
    "~1": ">=1,<2",
    "~1.2.3": ">=1.2.3,<1.3",
}


@pytest.mark.parametrize("text", POETRY_CARETS)
def test_poetry_constraints(text: str) -> None:
    """The table of https://python-poetry.org/docs/dependency-specification/"""
    from packaging.specifiers import SpecifierSet

    from peftlint.targets.pyproject import poetry_specifier

    assert SpecifierSet(poetry_specifier(text)) == SpecifierSet(POETRY_CARETS[text])


def test_broken_pyproject_is_a_warning(project: Project) -> None:
    root = project({"pyproject.toml": "[project\n", "setup.py": "setup(install_requires=['peft==0.10.0'])\n"})
    targets = detect(root / "a.py", {})
    assert targets.peft.releases == ("0.10.0",)
    assert [w.split(":")[0] for w in targets.warnings] == ["pyproject.toml"]


def test_pyproject_of_odd_types(project: Project) -> None:
    content = '[project]\ndependencies = "peft==0.10"\n[tool]\npoetry = 3\n[dependency-groups]\na = 4\n'
    assert of(project({"pyproject.toml": content})).releases == (newest_release("peft"),)


def test_unreadable_requirement_is_a_warning(project: Project) -> None:
    root = project({"requirements.txt": "peft=0.10.0\ntrl==0.9.6\n"})
    targets = detect(root / "a.py", {})
    assert targets.warnings == ("requirements.txt:1: not a valid requirement: 'peft=0.10.0'",)
    assert targets.trl.releases == ("0.9.6",)


# -- setup.cfg, setup.py


def test_setup_cfg(project: Project) -> None:
    content = """\
        [options]
        install_requires =
            torch
            peft>=0.10,<0.11  # adapters
        [options.extras_require]
        rl = trl==0.9.6
        """
    root = project({"setup.cfg": content})
    assert of(root).origin == "setup.cfg:4: peft>=0.10,<0.11"
    assert of(root, "trl").releases == ("0.9.6",)


def test_broken_setup_cfg(project: Project) -> None:
    targets = detect(project({"setup.cfg": "peft==0.1\n"}) / "a.py", {})
    assert targets.peft.releases == (newest_release("peft"),)
    assert len(targets.warnings) == 1


SETUP_PY = {
    "literal": "from setuptools import setup\nsetup(install_requires=['torch', 'peft==0.10.0'])\n",
    "module": "import setuptools\nsetuptools.setup(install_requires=['peft==0.10.0'])\n",
    "name": "REQUIRED = ['peft==0.10.0']\nsetup(install_requires=REQUIRED)\n",
    "sum": "A = ['torch']\nB = ['peft==0.10.0']\nsetup(install_requires=A + B)\n",
    "starred": "A = ['peft==0.10.0']\nsetup(install_requires=['torch', *A])\n",
    "extras": "extras = {}\nextras['train'] = ['peft==0.10.0']\nsetup(extras_require=extras)\n",
    "extras literal": "setup(extras_require={'train': ['peft==0.10.0']})\n",
}


@pytest.mark.parametrize("case", SETUP_PY)
def test_setup_py(project: Project, case: str) -> None:
    assert of(project({"setup.py": SETUP_PY[case]})).releases == ("0.10.0",)


SILENT_SETUP_PY = {
    "computed": "setup(install_requires=open('x').read().split())\n",
    "not passed": "OLD = ['peft==0.10.0']\nsetup(install_requires=['torch'])\n",
    "another call": "other(install_requires=['peft==0.10.0'])\n",
    "recursion": "A = A + B\nB = A\nsetup(install_requires=A)\n",
}


@pytest.mark.parametrize("case", SILENT_SETUP_PY)
def test_setup_py_that_says_nothing(project: Project, case: str) -> None:
    targets = detect(project({"setup.py": SILENT_SETUP_PY[case]}) / "a.py", {})
    assert (targets.peft.releases, targets.warnings) == ((newest_release("peft"),), ())


def test_setup_py_is_not_run(project: Project) -> None:
    content = "open('ran', 'w').close()\nsetup(install_requires=['peft==0.10.0'])\n"
    root = project({"setup.py": content})
    assert of(root).releases == ("0.10.0",)
    assert not (root / "ran").exists()


def test_broken_setup_py(project: Project) -> None:
    assert len(detect(project({"setup.py": "def (:\n"}) / "a.py", {}).warnings) == 1


# -- environment.yml

ENVIRONMENT = """\
    name: train
    channels:
      - conda-forge
    dependencies:
      - python=3.11
      - {spec}
      - pip
      - pip:
          - trl==0.9.6
          - "transformers>=4.40,<4.41"
    variables:
      - peft=0.3
    """

CONDA = {
    "peft=0.11": ("0.11.0", "0.11.1"),
    "peft=0.11.*": ("0.11.0", "0.11.1"),
    "peft==0.11.1": ("0.11.1",),
    "peft=0.11.1=pyhd8ed1ab_0": ("0.11.1",),
    "peft 0.11.1": ("0.11.1",),
    "peft>=0.11,<0.12": ("0.11.0", "0.11.1"),
    "conda-forge::peft=0.11.1": ("0.11.1",),
    '"peft >=0.11,<0.12"': ("0.11.0", "0.11.1"),
    "peft=0.10|=0.11.1": ("0.10.0", "0.11.1"),
    "peft=0.11.1  # pinned": ("0.11.1",),
}


@pytest.mark.parametrize("spec", CONDA)
@pytest.mark.parametrize("name", ["environment.yml", "environment.yaml"])
def test_environment(project: Project, name: str, spec: str) -> None:
    targets = detect(project({name: ENVIRONMENT.format(spec=spec)}) / "a.py", {})
    assert targets.peft.releases == CONDA[spec]
    assert targets.peft.origin.startswith(f"{name}:6: ")
    assert targets.trl.releases == ("0.9.6",)
    assert set(targets.transformers.releases) == {"4.40.0", "4.40.1", "4.40.2"}
    assert targets.warnings == ()


def test_environment_with_lists_at_the_left(project: Project) -> None:
    content = "dependencies:\n- peft=0.10\n- pip:\n  - trl==0.9.6\n- diffusers=0.27.2\nprefix: /x\n"
    targets = detect(project({"environment.yml": content}) / "a.py", {})
    assert targets.peft.releases == ("0.10.0",)
    assert targets.trl.releases == ("0.9.6",)
    assert targets.diffusers.releases == ("0.27.2",)


def test_environment_with_requirements(project: Project) -> None:
    content = "dependencies:\n  - pip:\n    - -r requirements/dev.txt\n"
    root = project({"app/environment.yml": content, "app/requirements/dev.txt": "peft==0.10.0"})
    assert of(root, file="app/a.py").releases == ("0.10.0",)


def test_environment_of_an_odd_shape(project: Project) -> None:
    targets = detect(project({"environment.yml": "dependencies: [peft=0.10]\n"}) / "a.py", {})
    assert targets.peft.releases == (newest_release("peft"),)
    assert targets.warnings == ("environment.yml: dependencies in a bracketed list are not read",)


# -- the notebook itself

SHELL = {
    "!pip install peft==0.10.0": ("0.10.0",),
    "%pip install -q peft==0.10.0 transformers": ("0.10.0",),
    "!pip3 install 'peft>=0.10,<0.11'": ("0.10.0",),
    "! python -m pip install -i https://example.org/simple peft==0.10.0": ("0.10.0",),
    "!uv pip install peft==0.10.0": ("0.10.0",),
    "!apt-get update && pip install peft==0.10.0": ("0.10.0",),
    "pip install peft==0.10.0 # for the demo": ("0.10.0",),
    "!pip install git+https://github.com/huggingface/peft.git@v0.10.0": ("0.10.0",),
    "!pip install -U peft": (newest_release("peft"),),
    "!pip install -qU peft": (newest_release("peft"),),
    # no version: what the project pins stays installed
    "!pip install peft": ("0.9.0",),
    "!pip install torch": ("0.9.0",),
    "# !pip install peft==0.10.0": ("0.9.0",),
    "!echo peft==0.10.0": ("0.9.0",),
    "!pip uninstall -y peft": ("0.9.0",),
}


@pytest.mark.parametrize("line", SHELL)
def test_shell_lines(project: Project, line: str) -> None:
    root = project({"requirements.txt": "peft==0.9.0\n"})
    assert detect(root / "demo.ipynb", {}, [line]).peft.releases == SHELL[line]


def test_last_install_counts(project: Project) -> None:
    lines = ["!pip install peft==0.9.0 trl==0.9.6", "!pip install peft==0.10.0"]
    targets = detect(project({}) / "demo.ipynb", {}, lines)
    assert targets.peft.releases == ("0.10.0",)
    assert targets.peft.origin == "demo.ipynb (shell line 2): peft==0.10.0"
    assert targets.trl.releases == ("0.9.6",)


def test_requirements_named_in_the_notebook(project: Project) -> None:
    root = project({"demo/reqs.in": "peft==0.10.0\n", "requirements.txt": "peft==0.9.0\n"})
    targets = detect(root / "demo/demo.ipynb", {}, ["!pip install -r reqs.in", "!pip install -r fetched.txt"])
    assert targets.peft.releases == ("0.10.0",)
    assert targets.warnings == ()


def test_shell_lines_count_for_their_notebook_only(project: Project) -> None:
    root = project({"requirements.txt": "peft==0.9.0\n"})
    assert detect(root / "demo.ipynb", {}, ["!pip install peft==0.10.0"]).peft.releases == ("0.10.0",)
    assert detect(root / "other.ipynb", {}).peft.releases == ("0.9.0",)


# -- the header of a script (PEP 723)


def script(*lines: str) -> str:
    return "\n".join(
        ["#!/usr/bin/env -S uv run", "# /// script", *(f"# {x}" for x in lines), "# ///", "", "import peft"]
    )


SCRIPTS = {
    'dependencies = ["torch", "peft==0.10.0"]': ("0.10.0",),
    'dependencies = [\n#   "peft>=0.10,<0.11",\n# ]': ("0.10.0",),
    'requires-python = ">=3.9"\n# dependencies = ["peft[test]==0.10.0 ; python_version >= \'3.8\'"]': (
        "0.10.0",
    ),
    # an environment of its own, in which the newest is installed
    'dependencies = ["peft"]': (newest_release("peft"),),
    # of this one nothing is known but the project's
    'dependencies = ["peft"]\n# [tool.uv]\n# exclude-newer = "2024-03-01T00:00:00Z"': ("0.9.0",),
    'dependencies = ["torch"]': ("0.9.0",),
    "dependencies = 3": ("0.9.0",),
    "": ("0.9.0",),
}


@pytest.mark.parametrize("header", SCRIPTS)
def test_script_header(project: Project, header: str) -> None:
    root = project({"requirements.txt": "peft==0.9.0\n"})
    for code in (script(header), script(header).replace("\n", "\r\n")):
        targets = detect(root / "train.py", {}, code=code)
        assert (targets.peft.releases, targets.warnings) == (SCRIPTS[header], ())


@pytest.mark.parametrize(
    "code",
    [
        '# dependencies = ["peft==0.10.0"]\n',
        '# /// script\n# dependencies = ["peft==0.10.0"]\nimport peft\n',  # not closed
        '# /// pyproject\n# dependencies = ["peft==0.10.0"]\n# ///\n',
        '# /// script\n# dependencies = []\nimport peft\n# dependencies = ["peft==0.10.0"]\n# ///\n',
        'TEXT = """ # /// script"""\n',
    ],
)
def test_what_is_no_script_header(project: Project, code: str) -> None:
    targets = detect(project({"requirements.txt": "peft==0.9.0\n"}) / "train.py", {}, code=code)
    assert (targets.peft.releases, targets.warnings) == (("0.9.0",), ())


def test_origin_of_a_script_header(project: Project) -> None:
    code = script("dependencies = [", '  "torch",', '  "peft==0.10.0",', "]")
    assert detect(project({}) / "train.py", {}, code=code).peft.origin == "train.py:5: peft==0.10.0"


def test_broken_script_headers_are_warnings(project: Project) -> None:
    root = project({"requirements.txt": "peft==0.9.0\n"})
    broken = detect(root / "train.py", {}, code=script('dependencies = ["peft==0.10.0"'))
    twice = detect(root / "train.py", {}, code=script() + "\n" + script('dependencies = ["peft==0.10.0"]'))
    assert broken.peft.releases == twice.peft.releases == ("0.9.0",)
    assert [w.partition(": ")[0] for w in (*broken.warnings, *twice.warnings)] == ["train.py:2", "train.py:7"]


def test_findings_follow_the_header_of_their_script(project: Project) -> None:
    from peftlint.linter import check_paths
    from peftlint.settings import Settings

    body = "\nfrom peft import prepare_model_for_int8_training\nprepare_model_for_int8_training(model)\n"
    root = project(
        {
            name: script(f'dependencies = ["peft=={release}"]') + body
            for name, release in (("old.py", "0.9.0"), ("new.py", "0.10.0"))
        }
    )
    found = check_paths([root], Settings(select=("PEFT901",))).findings
    assert {Path(each.path).name for each in found} == {"new.py"}


# -- metadata of distributions

METADATA = """\
Metadata-Version: 2.1
Name: trainer
Version: 1.0
Requires-Dist: torch
Requires-Dist: peft (>=0.10,<0.11)
Provides-Extra: rl
Requires-Dist: trl==0.9.6; extra == "rl"
Requires-Dist: peft==0.17.1; extra == "rl"

peft==0.3 in the description.
Requires-Dist: peft==0.4.0
"""


@pytest.mark.parametrize("name", ["PKG-INFO", "trainer-1.0.dist-info/METADATA"])
def test_metadata(project: Project, name: str) -> None:
    """A source archive whose setup.py reads its requirements from a file, and an unpacked wheel."""
    setup = (
        "setup(install_requires=open('requirements.txt').read().split(), extras_require={'x': 'peft==0.3'})"
    )
    targets = detect(project({name: METADATA, "setup.py": setup, "src/a.py": ""}) / "src/a.py", {})
    assert (targets.peft.releases, targets.trl.releases) == (("0.10.0",), ("0.9.6",))
    assert targets.peft.origin == f"{name}:5: peft (>=0.10,<0.11)"
    assert targets.warnings == ()


def test_installed_packages_do_not_speak_for_each_other(project: Project) -> None:
    """In site-packages there is the metadata of many."""
    root = project({f"{name}-1.0.dist-info/METADATA": METADATA for name in ("trainer", "other")})
    assert of(root, file="trainer/a.py").releases == (newest_release("peft"),)


# -- nearest file, root, cache


def test_nearest_file_wins(project: Project) -> None:
    root = project({"uv.lock": UV_LOCK, "pkg/a/requirements.txt": "peft==0.10.0\n", "pkg/b/x.txt": ""})
    assert of(root, file="pkg/a/src/deep/train.py").releases == ("0.10.0",)
    assert of(root, file="pkg/b/train.py").releases == ("0.17.1",)


def test_each_package_from_its_own_nearest_file(project: Project) -> None:
    root = project(
        {"requirements.txt": "peft==0.9.0\ntrl==0.9.6\n", "a/requirements.txt": "peft==0.10.0\ntrl\n"}
    )
    targets = detect(root / "a/x.py", {})
    assert (targets.peft.releases, targets.trl.releases) == (("0.10.0",), ("0.9.6",))


def test_root_of_the_repository_bounds_the_search(project: Project) -> None:
    root = project({"requirements.txt": "peft==0.10.0\n", "inner/.git": "gitdir: elsewhere\n"})
    assert of(root, file="inner/train.py").releases == (newest_release("peft"),)


def test_member_of_a_uv_workspace_uses_its_lock(project: Project) -> None:
    root = project(
        {
            "uv.lock": UV_LOCK,
            "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
            "packages/a/pyproject.toml": '[project]\ndependencies = ["peft>=0.9"]\n',
            "separate/b/pyproject.toml": '[project]\ndependencies = ["peft==0.9.0"]\n',
        }
    )
    assert of(root, file="packages/a/src/x.py").releases == ("0.17.1",)
    assert of(root, file="separate/b/x.py").releases == ("0.9.0",)


def test_directories_are_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"requirements.txt": "peft==0.9.0\n"})
    assert of(root).releases == ("0.9.0",)
    (root / "requirements.txt").write_text("peft==0.10.0\n")
    assert of(root, file="another.py").releases == ("0.9.0",)
    forget()
    assert of(root).releases == ("0.10.0",)


def test_a_directory_can_be_asked_about(project: Project) -> None:
    assert detect(project({"requirements.txt": "peft==0.9.0\n"}), {}).peft.releases == ("0.9.0",)


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert of(tmp_path, file="no/such/file.py").releases == (newest_release("peft"),)


def test_unreadable_bytes(project: Project) -> None:
    root = project({})
    (root / "requirements.txt").write_bytes(b"peft==0.10.0\n\xff\xfe\xfa\x00")
    targets = detect(root / "a.py", {})
    assert targets.peft.releases == (newest_release("peft"),)
    assert targets.warnings[0].startswith("requirements.txt: cannot be read")


# -- overrides

OVERRIDES = {
    "0.11.1": ("0.11.1",),
    "0.11": ("0.11.0", "0.11.1"),
    "==0.11.*": ("0.11.0", "0.11.1"),
    ">=0.11,<0.12": ("0.11.0", "0.11.1"),
    "0.99": ("0.99",),
    "0.99.3": ("0.99.3",),
    "==0.99.3": ("0.99.3",),
    "newest": (newest_release("peft"),),
}


@pytest.mark.parametrize("text", OVERRIDES)
def test_overrides(project: Project, text: str) -> None:
    root = project({"requirements.txt": "peft==0.9.0\ntrl==0.9.6\n"})
    targets = detect(root / "demo.ipynb", {"peft": text}, ["!pip install peft==0.10.0"])
    assert targets.peft.releases == OVERRIDES[text]
    assert targets.peft.origin == f"settings (peft = {text})"
    assert targets.trl.releases == ("0.9.6",)


def test_series_of_a_major_release() -> None:
    target = detect(Path("a.py"), {"transformers": "5"}).transformers
    assert target.releases == tuple(r for r in known_releases("transformers") if r.startswith("5."))


@pytest.mark.parametrize("text", ["abc", "", ">=", "0.1.x", "=0.10", "^0.10"])
def test_bad_override(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="release of peft"):
        detect(tmp_path / "a.py", {"peft": text})


def test_override_of_another_package(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'torch'.*none of peft, transformers, diffusers, trl"):
        detect(tmp_path / "a.py", {"torch": "2.1"})


# -- what targets say


def test_every_and_some() -> None:
    target = Target("peft", ("0.17.1", "0.18.0"))
    assert target.every(">=0.17") and not target.every(">=0.18")
    assert target.some(">=0.18") and not target.some(">=0.19")
    assert (target.oldest, target.newest) == ("0.17.1", "0.18.0")


def test_default_is_the_newest_known() -> None:
    for package in ("peft", "transformers", "diffusers", "trl"):
        assert Targets().of(package) == Target(package, (newest_release(package),), "newest known release")


def _anything(package: str) -> str:
    """How a library is described that nobody names beside transformers that are not the newest."""
    known = known_releases(package)
    beside = "any release (transformers 4.56.2 beside it is not the newest)"
    return f"{package} {known[0]} to {known[-1]} ({len(known)} releases), from {beside}"


def test_undeclared_beside_an_older_release_is_any_release(project: Project) -> None:
    root = project({"requirements.txt": "transformers==4.34.0\n"})
    targets = detect(root, {})
    assert targets.trl.releases == known_releases("trl")
    assert not targets.trl.declared
    assert targets.peft.releases == (newest_release("peft"),)  # installs beside any transformers
    # what is asked for on the command line says nothing about what lies beside it
    assert detect(root.parent / "elsewhere", {"peft": "==0.17.1"}).trl.releases == (newest_release("trl"),)


def test_describe(project: Project) -> None:
    root = project({"requirements.txt": "peft>=0.17,<0.19\ntransformers==4.56.2\ntrl=0.9\n"})
    assert detect(root, {}).describe().splitlines() == [
        "peft 0.17.0 to 0.18.1 (4 releases), from requirements.txt:1: peft>=0.17,<0.19",
        "transformers 4.56.2, from requirements.txt:2: transformers==4.56.2",
        f"diffusers {newest_release('diffusers')}, from newest known release",
        _anything("trl"),
        "warning: requirements.txt:3: not a valid requirement: 'trl=0.9'",
    ]


def test_importing_targets_reads_nothing() -> None:
    code = (
        "import sys, peftlint.targets as t; t.Targets();"
        "late = ('tomllib', 'configparser', 'libcst', 'peftlint.targets.detection');"
        "print([m for m in sys.modules if m in late])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- a copy of the library in the project

COPIES = {
    "beside the program": ({"peft/__init__.py": '__version__ = "0.4.0"\n'}, ("0.4.0",)),
    "its repository": ({"peft/src/peft/__init__.py": '__version__ = "0.3.0.dev0"\n'}, ("0.3.0",)),
    "under development, after 0.11.1": (
        {"peft/src/peft/__init__.py": '__version__ = "0.11.2.dev0"\n'},
        ("0.11.0", "0.11.1", "0.12.0"),
    ),
    "the repository itself": ({"src/peft/__init__.py": "# all of it\n__version__ = '0.17.1'\n"}, ("0.17.1",)),
    "more than a requirement": (
        {"peft/__init__.py": '__version__ = "0.4.0"\n', "requirements.txt": "peft==0.10.0\n"},
        ("0.4.0",),
    ),
    "one that does not say": (
        {"peft/__init__.py": '__version__ = read("VERSION")\n', "requirements.txt": "peft==0.10.0\n"},
        ("0.10.0",),
    ),
    "no version": (
        {"peft/__init__.py": '__version__ = "newest"\n', "requirements.txt": "peft==0.10.0\n"},
        ("0.10.0",),
    ),
}


@pytest.mark.parametrize("case", COPIES)
def test_copies(project: Project, case: str) -> None:
    files, releases = COPIES[case]
    assert of(project(files)).releases == releases


def test_a_copy_counts_for_its_neighbours_only(project: Project) -> None:
    root = project({"old/peft/src/peft/__init__.py": '__version__ = "0.3.0.dev0"\n', "new/train.py": "\n"})
    assert of(root, file="old/train.py").releases == ("0.3.0",)
    assert of(root, file="old/peft/src/peft/peft_model.py").origin.startswith(
        "old/peft/src/peft/__init__.py:1"
    )
    assert of(root, file="old/train.py").copied
    assert not of(root, file="new/train.py").copied
    assert of(root, file="new/train.py").releases == (newest_release("peft"),)
