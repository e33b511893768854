"""Trees that are parsed without asking each node whether it is valid."""

from __future__ import annotations

import threading
from pathlib import Path

import libcst as cst
import pytest

from peftlint.semantics.trees import parse_module

PROGRAMS = sorted(Path(__file__).parent.parent.joinpath("programs", "scripts").glob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS[:12], ids=lambda path: path.stem)
def test_the_tree_is_the_one_that_libcst_makes(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert parse_module(code).deep_equals(cst.parse_module(code))


def test_what_others_make_is_validated_before_and_after() -> None:
    for code in ("x = 1\n", "x = (\n"):
        try:
            parse_module(code)
        except cst.ParserSyntaxError:
            assert code == "x = (\n"
        with pytest.raises(cst.CSTValidationError):
            cst.Name("")


def test_several_threads_parse_at_once() -> None:
    code = "\n".join(f"x{i} = f({i}, key=[{i}])" for i in range(300)) + "\n"
    trees: list[cst.Module] = []
    threads = [threading.Thread(target=lambda: trees.append(parse_module(code))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trees) == 6 and all(tree.code == code for tree in trees)
    with pytest.raises(cst.CSTValidationError):
        cst.Name("")
