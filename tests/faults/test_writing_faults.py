"""`--fix` where the files cannot be written: they stay as they are, the message says why, the others are fixed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import peftlint.fixes.writing as writing
from peftlint.cli import run
from tools.faults.kills import WRONG

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")

FIX = ("check", "--fix", "--unsafe-fixes", "--output-format", "concise")
NOBODY = 65534


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.iterdir() if path.name.endswith(".tmp"))


def test_read_only_file(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "a.py").chmod(0o444)
    assert run([*FIX, "."]) == 2
    captured = capsys.readouterr()
    assert "a.py is read-only" in captured.out + captured.err
    assert (tree / "a.py").read_text() == WRONG
    assert (tree / "b.py").read_text() != WRONG
    assert left(tree) == []


def in_child(setup: Callable[[], None], output: Path) -> int:
    """The exit code of `--fix` in a fork of this process in which `setup` was called first; its output in a file."""
    child = os.fork()
    if not child:
        code = 120
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT, 0o666)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            sys.stdout = os.fdopen(1, "w")
            sys.stderr = os.fdopen(2, "w")
            setup()
            code = run([*FIX, "."])
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_full_disk(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    import resource

    (tree / "b.py").write_text(WRONG + "#" * 50_000 + "\n")
    large = (tree / "b.py").read_text()
    output = tmp_path_factory.mktemp("output") / "report"
    code = in_child(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)), output)
    assert code == 2, output.read_text()
    assert "b.py could not be written" in output.read_text()
    assert (tree / "b.py").read_text() == large
    assert (tree / "a.py").read_text() != WRONG
    assert left(tree) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="has to become somebody else")
def test_permission_denied(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        for name in ("a.py", "b.py"):
            (tree / name).write_text(WRONG)
            (tree / name).chmod(0o644)
        (tree / "c.py").write_text(WRONG)
        (tree / "c.py").chmod(0o600)
        (tree / "closed").mkdir(mode=0o700)
        monkeypatch.chdir(tree)
        output = tmp_path_factory.mktemp("output") / "report"
        # everything is imported first: who we become may not read the packages
        run(["check", "."])
        code = in_child(lambda: os.seteuid(NOBODY), output)
        text = output.read_text()
        assert code == 2, text
        assert "Traceback" not in text and "internal error" not in text
        assert "c.py:1:1: error: " in text and "ermission denied" in text
        assert "closed" in text
        assert "a.py could not be written (permission denied); it is unchanged" in text
        assert [(tree / name).read_text() for name in ("a.py", "b.py", "c.py")] == [WRONG] * 3


def test_changed_underneath(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make = writing.tempfile.mkstemp

    def saved_by_an_editor(*args: object, **kwargs: object) -> tuple[int, str]:
        if "a.py" in str(kwargs.get("prefix")):
            (tree / "a.py").write_text("# mine\n" + WRONG)
        return make(*args, **kwargs)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(writing.tempfile, "mkstemp", saved_by_an_editor)
    assert run([*FIX, "."]) == 2
    captured = capsys.readouterr()
    assert "a.py was changed by somebody else meanwhile" in captured.out + captured.err
    assert (tree / "a.py").read_text() == "# mine\n" + WRONG
    assert (tree / "b.py").read_text() != WRONG
    assert left(tree) == []


def test_removed_underneath(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = writing.tempfile.mkstemp

    def removed(*args: object, **kwargs: object) -> tuple[int, str]:
        if "a.py" in str(kwargs.get("prefix")):
            (tree / "a.py").unlink()
        return make(*args, **kwargs)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(writing.tempfile, "mkstemp", removed)
    assert run([*FIX, "."]) == 2
    assert not (tree / "a.py").exists()
    assert left(tree) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="has to give a file away")
def test_owner_and_permissions_are_kept(tree: Path) -> None:
    os.chown(tree / "a.py", NOBODY, NOBODY)
    (tree / "a.py").chmod(0o640)
    run([*FIX, "."])
    status = (tree / "a.py").stat()
    assert (tree / "a.py").read_text() != WRONG
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (NOBODY, NOBODY, 0o640)
