from __future__ import annotations

import errno
import os
import stat

import pytest

from peftlint.fixes.writing import WriteError, write_atomically


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_bytes(b"old")
    return tmp_path / "tree"


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_replaced_with_its_permissions(tree):
    file = tree / "a.py"
    file.chmod(0o751)
    before = file.stat()
    write_atomically(file, b"old", b"new", tree)
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert (file.stat().st_uid, file.stat().st_gid) == (before.st_uid, before.st_gid)
    assert names(tree) == ["a.py"]


def test_refused_if_changed_meanwhile(tree):
    with pytest.raises(WriteError, match="changed"):
        write_atomically(tree / "a.py", b"other", b"new", tree)
    assert (tree / "a.py").read_bytes() == b"old"
    assert names(tree) == ["a.py"]


def test_link_inside_the_tree(tree):
    (tree / "link.py").symlink_to("a.py")
    write_atomically(tree / "link.py", b"old", b"new", tree)
    assert (tree / "link.py").is_symlink()
    assert (tree / "a.py").read_bytes() == b"new"


def test_link_out_of_the_tree(tree):
    outside = tree.parent / "outside.py"
    outside.write_bytes(b"old")
    (tree / "link.py").symlink_to(outside)
    with pytest.raises(WriteError, match="link"):
        write_atomically(tree / "link.py", b"old", b"new", tree)
    assert outside.read_bytes() == b"old"


def test_folder_that_is_a_link_out_of_the_tree(tree):
    (tree.parent / "other").mkdir()
    outside = tree.parent / "other" / "b.py"
    outside.write_bytes(b"old")
    (tree / "folder").symlink_to(tree.parent / "other")
    with pytest.raises(WriteError, match="link"):
        write_atomically(tree / "folder" / "b.py", b"old", b"new", tree)
    assert outside.read_bytes() == b"old"


def test_a_tree_reached_through_a_link(tree):
    (tree.parent / "alias").symlink_to(tree)
    alias = tree.parent / "alias"
    write_atomically(alias / "a.py", b"old", b"new", alias)
    assert (tree / "a.py").read_bytes() == b"new"


def test_link_loop_and_missing_file(tree):
    (tree / "loop.py").symlink_to("loop.py")
    with pytest.raises(WriteError):
        write_atomically(tree / "loop.py", b"old", b"new", tree)
    with pytest.raises(WriteError):
        write_atomically(tree / "missing.py", b"old", b"new", tree)


def test_read_only(tree):
    (tree / "a.py").chmod(0o444)
    with pytest.raises(WriteError, match="read-only"):
        write_atomically(tree / "a.py", b"old", b"new", tree)
    assert (tree / "a.py").read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_no_regular_file(tree):
    os.mkfifo(tree / "pipe.py")
    with pytest.raises(WriteError, match="not a regular file"):
        write_atomically(tree / "pipe.py", b"old", b"new", tree)


@pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_failures_leave_the_old_file(tree, monkeypatch, call, number):
    if not hasattr(os, call):
        pytest.skip(f"no os.{call}")

    def fail(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(WriteError, match="unchanged"):
        write_atomically(tree / "a.py", b"old", b"new", tree)
    monkeypatch.undo()
    assert (tree / "a.py").read_bytes() == b"old"
    assert names(tree) == ["a.py"]


def test_interrupted(tree, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tree / "a.py", b"old", b"new", tree)
    monkeypatch.undo()
    assert (tree / "a.py").read_bytes() == b"old"
    assert names(tree) == ["a.py"]
