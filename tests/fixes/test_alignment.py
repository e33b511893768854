"""Comments at the ends of lines that stand below each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst
import pytest

from peftlint.fixes import codemods
from peftlint.fixes.alignment import aligned

LINES = """\
f(
    a=1,                 # one
    longer_name=two,     # two
    last=3)
"""


def test_above_the_last_line(written: Callable[[str], Any]) -> None:
    code = LINES.replace("    last=3)", ")").replace("\n", "\r\n")
    assert renamed(written(code), "longer_name", "name") == code.replace(
        "longer_name=two, ", "name=two,        "
    )


def renamed(program: Any, old: str, new: str) -> str:
    call = program.find(
        LINES.strip() if program.syntax.code == LINES else program.syntax.code.strip(), cst.Call
    )
    assert isinstance(call, cst.Call)
    return program.after(aligned(program.syntax, codemods.rename_keyword(program.syntax, call, old, new)))


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("name", "    name=two,            # two\n"),
        ("a_longer_name", "    a_longer_name=two,   # two\n"),
        ("a_very_long_name_of_it", "    a_very_long_name_of_it=two,  # two\n"),
    ],
)
def test_a_comment_stays_in_its_column(written: Callable[[str], Any], new: str, line: str) -> None:
    assert renamed(written(LINES), "longer_name", new) == LINES.replace(
        "    longer_name=two,     # two\n", line
    )


@pytest.mark.parametrize(
    "code",
    [
        "f(\n    longer_name=two,     # alone\n)\n",
        "f(\n    a=1,  # one\n    longer_name=two,     # another column\n)\n",
        "f(\n    a=1,             # one\n    longer_name=two, # no gap\n)\n",
        'f(\n    a=1,             # one\n    longer_name="     # no comment")\n',
    ],
)
def test_others_move(written: Callable[[str], Any], code: str) -> None:
    assert renamed(written(code), "longer_name", "name") == code.replace("longer_name", "name")
