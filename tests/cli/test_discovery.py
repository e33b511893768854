from __future__ import annotations

import os
from pathlib import Path

import pytest

from peftlint.discovery import discover
from peftlint.settings import Resolver, Settings


def found(tree: Path, *paths: str, **settings: object) -> list[str]:
    """Paths of the files that would be checked, relative to the tree."""
    resolver = Resolver(fixed=Settings(root=tree, **settings))  # type: ignore[arg-type]
    files = discover(paths or (str(tree),), resolver).files
    return [os.path.relpath(file.path, tree) for file in files]


def make(tree: Path, *names: str) -> None:
    for name in names:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_python_files_and_notebooks(tree: Path) -> None:
    make(tree, "b.py", "a/c.py", "a/n.ipynb", "readme.md", "data.txt", "stub.pyi")
    assert found(tree) == ["a/c.py", "a/n.ipynb", "b.py"]
    assert found(tree, notebooks=False) == ["a/c.py", "b.py"]
    assert found(tree, markdown=True) == ["a/c.py", "a/n.ipynb", "b.py", "readme.md"]
    assert found(tree, str(tree / "readme.md"), str(tree / "data.txt")) == ["data.txt", "readme.md"]


def test_directories_that_hold_no_code_of_the_project(tree: Path) -> None:
    make(
        tree,
        "a.py",
        ".venv/lib/b.py",
        "node_modules/c.py",
        "src/__pycache__/d.py",
        "src/build/e.py",
        "buildings/f.py",
    )
    assert found(tree) == ["a.py", "buildings/f.py"]
    # What is asked for by name is walked, whatever it is called.
    assert found(tree, str(tree / ".venv")) == [".venv/lib/b.py"]


def test_gitignore(tree: Path) -> None:
    make(
        tree, "a.py", "out/b.py", "keep/out.py", "sub/x_test.py", "sub/y.py", "sub/deep/z.py", "sub/deep/y.py"
    )
    (tree / ".git").mkdir()
    (tree / ".gitignore").write_text("out/\n*_test.py\n")
    (tree / "sub/.gitignore").write_text("!x_test.py\n/y.py\n")
    assert found(tree) == ["a.py", "keep/out.py", "sub/deep/y.py", "sub/deep/z.py", "sub/x_test.py"]
    assert found(tree, str(tree / "sub")) == ["sub/deep/y.py", "sub/deep/z.py", "sub/x_test.py"]
    assert "out/b.py" in found(tree, respect_gitignore=False)


def test_the_nearest_gitignore_above_the_path_counts(tree: Path) -> None:
    make(tree, "sub/a.py", "sub/gen/b.py")
    (tree / ".git").mkdir()
    (tree / ".gitignore").write_text("gen/\n")
    assert found(tree, str(tree / "sub")) == ["sub/a.py"]
    # A directory that is ignored itself was asked for by name: its own files count.
    assert found(tree, str(tree / "sub/gen")) == ["sub/gen/b.py"]


def test_git_info_exclude(tree: Path) -> None:
    make(tree, "a.py", "private/b.py")
    (tree / ".git/info").mkdir(parents=True)
    (tree / ".git/info/exclude").write_text("private/\n")
    assert found(tree) == ["a.py"]
    assert found(tree, str(tree / "private")) == ["private/b.py"]


def test_a_gitignore_outside_the_repository_has_no_say(tree: Path) -> None:
    make(tree, "repo/a.py")
    (tree / "repo/.git").mkdir()
    (tree / ".gitignore").write_text("*.py\n")
    assert found(tree, str(tree / "repo")) == ["repo/a.py"]


def test_exclusions(tree: Path) -> None:
    make(tree, "a.py", "vendor/b.py", "src/gen_x.py", "src/gen/y.py", "src/c.py")
    assert found(tree, extend_exclude=("vendor", "gen_*.py")) == ["a.py", "src/c.py", "src/gen/y.py"]
    assert found(tree, extend_exclude=("src/gen/",)) == ["a.py", "src/c.py", "src/gen_x.py", "vendor/b.py"]
    assert found(tree, exclude=("*", "!a.py")) == ["a.py"]


def test_explicit_files_are_checked_unless_forced_out(tree: Path) -> None:
    make(tree, "vendor/b.py", "a.py")
    both = (str(tree / "vendor/b.py"), str(tree / "a.py"))
    assert found(tree, *both, extend_exclude=("vendor",)) == ["a.py", "vendor/b.py"]
    assert found(tree, *both, extend_exclude=("vendor",), force_exclude=True) == ["a.py"]
    assert found(tree, *both, extend_exclude=("*.py",), force_exclude=True) == []


def test_each_file_once_and_in_order(tree: Path) -> None:
    make(tree, "b.py", "a.py")
    assert found(tree, str(tree / "b.py"), str(tree), str(tree / "a.py")) == ["a.py", "b.py"]


@pytest.mark.skipif(os.name != "posix", reason="links and FIFOs of POSIX")
def test_links_and_odd_files(tree: Path, tmp_path: Path) -> None:
    make(tree, "a.py", "sub/b.py")
    make(tmp_path, "outside.py")
    (tree / "script").write_text("")
    os.symlink(tmp_path / "outside.py", tree / "leads_out.py")
    os.symlink("a.py", tree / "same.py")
    os.symlink("script", tree / "named.py")
    os.symlink("..", tree / "sub/loop")
    os.symlink("self.py", tree / "self.py")
    os.mkfifo(tree / "pipe.py")
    assert found(tree) == ["a.py", "named.py", "sub/b.py"]
    discovery = discover(
        [str(tree), str(tree / "pipe.py"), str(tree / "gone")], Resolver(fixed=Settings(root=tree))
    )
    reasons = {os.path.relpath(error.path, tree): error.message for error in discovery.errors}
    assert set(reasons) == {"pipe.py", "self.py", "gone"}
    assert reasons["pipe.py"] == "not a regular file"
    assert reasons["gone"] == "no such file or directory"


def test_a_very_deep_tree(tree: Path) -> None:
    folder = tree
    for _ in range(300):
        folder = folder / "d"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("")
    assert len(found(tree)) == 1
