"""Static mode does nothing with the code that it is given but read it. Each test stands for a line of SECURITY.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import peftlint
from tools.faults.kills import WRONG

ROOT = Path(peftlint.__file__).parents[1]
AUDITED = Path(__file__).with_name("audited.py")
CONFIGURATION = (
    "pyproject.toml", "peftlint.toml", ".peftlint.toml", ".gitignore", "exclude", "setup.py", "setup.cfg",
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock", "environment.yml", "environment.yaml",
)  # fmt: skip

TRAP = """\
import pathlib
pathlib.Path(MARKER).write_text("this code was run")
raise SystemExit(99)
"""
#: modules that a careless tool would import from the tree
TRAPS = (
    "click.py", "libcst.py", "tomllib.py", "tomli.py", "pathspec.py", "packaging.py", "json.py", "torch.py", "peft.py",
    "transformers.py", "conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py", "peftlint_rules.py",
)  # fmt: skip


def hostile_tree(root: Path, marker: Path) -> None:
    root.mkdir()
    for name in TRAPS:
        (root / name).write_text(f"MARKER = {str(marker)!r}\n{TRAP}# peft\n")
    (root / "wrong.py").write_text("from helpers import load\nimport conftest\n" + WRONG)
    (root / "helpers.py").write_text(f"MARKER = {str(marker)!r}\n{TRAP}from peft import PeftModel\n")
    (root / "evil.egg-info").mkdir()
    (root / "evil.egg-info" / "entry_points.txt").write_text("[peftlint.rules]\nevil = peftlint_rules\n")
    (root / "evil.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    run_it = f"open({str(marker)!r}, 'w').write('run')"
    cells = [
        f"!touch {marker}\n%run helpers.py\n%load_ext conftest\n{run_it}\n",
        f"%%writefile {marker}\nx\n",
        f"%%bash\ntouch {marker}\n",
        WRONG,
    ]
    notebook = {
        "cells": [
            {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
            for text in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / "hostile.ipynb").write_text(json.dumps(notebook))
    (root / "requirements.txt").write_text(f"peft>=0.17 ; $(touch {marker})\n-r ../../etc/passwd\n")
    (root / "pyproject.toml").write_text(
        '[tool.peftlint]\nmarkdown = true\n[project]\nname = "x"\nversion = "1"\n'
    )


def audited(tmp_path: Path, cwd: Path, *arguments: str) -> tuple[int, list[tuple[str, list[str]]]]:
    report = tmp_path / "events.json"
    done = subprocess.run(
        [sys.executable, "-s", str(AUDITED), str(report), *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert report.exists(), done.stderr
    return done.returncode, [(event, args) for event, args in json.loads(report.read_text())]


@pytest.mark.parametrize("options", [[], ["--fix", "--unsafe-fixes"]], ids=["check", "fix"])
def test_nothing_of_the_tree_is_run(tmp_path: Path, options: list[str]) -> None:
    """Static mode never imports or executes the code that it analyses."""
    tree, marker = tmp_path / "tree", tmp_path / "marker"
    hostile_tree(tree, marker)
    code, events = audited(tmp_path, tree, "check", "--no-cache", *options, ".")
    assert code == (0 if options else 1)
    assert not marker.exists()
    run = [args[0] for event, args in events if event == "exec" and args[0].startswith(str(tree))]
    assert run == []
    assert [
        event
        for event in events
        if event[0] in ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen")
    ] == []


@pytest.mark.parametrize("options", [[], ["-j", "2"], ["--fix", "--unsafe-fixes"], ["--diff"]], ids=" ".join)
def test_the_installed_command_imports_nothing_from_the_working_directory(
    tmp_path: Path, options: list[str]
) -> None:
    """Nor do the processes that it starts, nor rules that the tree says it has."""
    tree, marker = tmp_path / "tree", tmp_path / "marker"
    hostile_tree(tree, marker)
    script = tmp_path / "peftlint"
    script.write_text(
        f"import sys\nsys.path[0] = {str(ROOT)!r}\nfrom peftlint.__main__ import main\nmain()\n"
    )
    for number in range(30):
        (tree / f"more{number}.py").write_text(WRONG)
    done = subprocess.run(
        [sys.executable, str(script), "check", "--no-cache", *options, "."],
        cwd=tree,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr
    assert not marker.exists()


@pytest.mark.parametrize("options", [[], ["--fix", "--unsafe-fixes"]], ids=["check", "fix"])
def test_what_is_read(tmp_path: Path, options: list[str]) -> None:
    """Nothing outside the given paths is read but configuration, ignore files and dependency files of the project."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("from peft import PeftModel\n")
    (outside / "secret.txt").write_text("secret")
    tree = tmp_path / "tree"
    hostile_tree(tree, tmp_path / "marker")
    (tree / "reaches_out.py").write_text(
        f"from ..outside import secret\nfrom ...outside.secret import x\nopen({str(outside / 'secret.txt')!r}).read()\n"
        + WRONG
    )
    os.symlink(outside / "secret.py", tree / "linked.py")
    os.symlink(outside, tree / "linked_folder")
    (tree / "uses_link.py").write_text("from linked import x\nfrom linked_folder import secret\n" + WRONG)
    (tree / "paths.ipynb").write_text(
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "id": "../../outside/secret",
                        "source": ["%run ../outside/secret.py\n", "%load ../outside/secret.py\n", WRONG],
                        "metadata": {"filename": "../outside/secret.txt"},
                        "attachments": {"../outside/secret.txt": {}},
                    }
                ],
                "metadata": {"kernelspec": {"name": "../../outside/secret.txt"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    _, events = audited(tmp_path, tree, "check", "--no-cache", *options, ".")
    own = {str(ROOT / "peftlint"), sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    own |= {os.path.realpath(path) for path in own}
    read = set()
    for event, args in events:
        if event != "open" or not args[0].startswith("/"):
            continue
        path = args[0]
        if path.startswith((*own, "/dev/", "/proc/", "/sys/", "/etc/localtime", "/usr/share/zoneinfo")):
            continue
        read.add(path)
    beyond = {
        path
        for path in read
        if not path.startswith(f"{tree}/")
        and os.path.basename(path) not in CONFIGURATION
        and not os.path.basename(path).startswith(("requirements", "constraints"))
        and path != str(AUDITED)
        and not path.startswith(str(tmp_path / "home"))
    }
    assert {f"{tree}/wrong.py", f"{tree}/paths.ipynb", f"{tree}/pyproject.toml"} <= read
    # the folder itself is synchronised once a file in it is replaced
    assert beyond - {str(tree)} == set()
    assert not [path for path in read if os.path.realpath(path).startswith(str(outside))]


def test_no_network(tmp_path: Path) -> None:
    """No socket is opened, no address is looked up."""
    tree = tmp_path / "tree"
    hostile_tree(tree, tmp_path / "marker")
    for arguments in (
        ["check", "."],
        ["check", "--fix", "."],
        ["rule", "PEFT101"],
        ["check", "--show-settings"],
    ):
        _, events = audited(tmp_path, tree, *arguments)
        assert [
            event for event, _ in events if event.startswith(("socket.", "urllib.", "http.", "ftplib."))
        ] == []


def test_no_link_is_followed_out_of_the_tree_when_fixing(tmp_path: Path) -> None:
    """A linked file or folder outside the tree is not fixed."""
    from peftlint.cli import run

    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(WRONG)
    (outside / "b.py").write_text(WRONG)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "own.py").write_text(WRONG)
    (tree / "module").write_text(WRONG)
    os.symlink(outside / "a.py", tree / "linked.py")
    os.symlink(outside, tree / "folder")
    os.symlink("module", tree / "inside.py")
    run(["check", "--no-cache", "--fix", "--unsafe-fixes", str(tree)])
    assert (outside / "a.py").read_text() == WRONG
    assert (outside / "b.py").read_text() == WRONG
    assert (tree / "own.py").read_text() != WRONG
    assert (tree / "inside.py").is_symlink() and (tree / "module").read_text() != WRONG
    # nor if it is named: what is fixed is below what was asked for
    run(["check", "--no-cache", "--fix", "--unsafe-fixes", str(tree / "linked.py")])
    assert (outside / "a.py").read_text() == WRONG
    assert (tree / "linked.py").is_symlink()
