from __future__ import annotations

import sys

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peftlint.diagnostics import Edit, Span
from peftlint.linter import check_bytes
from peftlint.settings import Settings
from peftlint.sources import EditError, SourceError, read


def replaced(raw, span, text, path="a.py"):
    file = read(path, raw)
    return file.edited({0: [Edit(Span(*span), text, path)]})


@pytest.mark.parametrize(
    ("raw", "span", "text", "expected"),
    [
        (b"x = 1\n", (1, 5, 1, 6), "2", b"x = 2\n"),
        (b"x = 1", (1, 5, 1, 6), "2", b"x = 2"),
        (b"x = 1", (1, 6, 1, 6), "\ny = 2", b"x = 1\ny = 2"),
        (b"x = 1\r\ny = 1\r\n", (2, 1, 2, 2), "z", b"x = 1\r\nz = 1\r\n"),
        (b"x = 1\ry = 1\r", (2, 1, 2, 2), "a\nb", b"x = 1\ra\rb = 1\r"),
        (b"x = 1\r\ny = 1\nz = 1\r", (3, 1, 3, 2), "a", b"x = 1\r\ny = 1\na = 1\r"),
        (b"\xef\xbb\xbfx = 1\n", (1, 5, 1, 6), "2", b"\xef\xbb\xbfx = 2\n"),
        ("é = 1\n".encode(), (1, 5, 1, 6), "'→'", "é = '→'\n".encode()),
        (b"# coding: latin-1\n\xe9 = 1\n", (2, 5, 2, 6), "'\xfc'", b"# coding: latin-1\n\xe9 = '\xfc'\n"),
        (
            b"#\n# -*- coding: cp1252 -*-\nx = '\x80'\n",
            (3, 1, 3, 2),
            "y",
            b"#\n# -*- coding: cp1252 -*-\ny = '\x80'\n",
        ),
        (b"\x0cx = 1\n", (1, 1, 1, 2), "y", b"\x0cy = 1\n"),
        (b"def f():\n\x0c    x = 1\n", (2, 5, 2, 6), "y", b"def f():\n\x0c    y = 1\n"),
        (b"if x:\n\ty = 1\n", (2, 2, 2, 3), "z", b"if x:\n\tz = 1\n"),
        (b"x = 1\ny = 2\n", (1, 1, 2, 1), "", b"y = 2\n"),
        (b"x = 1\ny = 2\n", (3, 1, 3, 1), "z = 3\n", b"x = 1\ny = 2\nz = 3\n"),
        (b"\x0cx = 1\ny = 2\n", (3, 1, 3, 1), "z = 3\n", b"\x0cx = 1\ny = 2\nz = 3\n"),
    ],
)
def test_edited(raw, span, text, expected):
    assert replaced(raw, span, text) == expected


def test_locate():
    source = read("a.py", b"\x0cx = 1\n").sources[0]
    assert source.code == "x = 1\n"
    location = source.locate(Span(1, 1, 1, 2))
    assert (location.cell, location.span) == (None, Span(1, 2, 1, 3))


def test_what_libcst_gives_back():
    for raw in (b"\x0cx = 1\r", b"def f():\n\x0c    x = 1\n\x0c\x0c    y = 1\n", b"a\rb\r\nc\n"):
        code = read("a.py", raw).sources[0].code
        assert cst.parse_module(code).code == code


@pytest.mark.parametrize(
    ("raw", "message", "place"),
    [
        (b"x = 1\ny = '\xff'\n", "not valid UTF-8 (byte 0xff)", (2, 6)),
        (b"\xff\xfex\x00", "UTF-16", (1, 1)),
        (b"x\n\x7fELF\x00\x00", "null bytes", (2, 5)),
        (b"# coding: klingon\n", "klingon", (1, 1)),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem", (1, 1)),
        (b"# coding: rot13\n", "rot13", (1, 1)),
        (b"# coding: ascii\nx = '\xe9'\n", "not valid ascii", (2, 6)),
    ],
)
def test_errors(raw, message, place):
    with pytest.raises(SourceError) as caught:
        read("a.py", raw)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == place


def test_unreadable(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read(str(tmp_path / "missing.py"))
    with pytest.raises(SourceError, match="cannot be read"):
        read(str(tmp_path))


def test_kinds():
    assert read("a.pyi", b"x: int\n").kind == "python"
    assert read("script", b"x = 1\n").kind == "python"
    assert read("a.MD", b"").kind == "markdown"
    assert read("a.txt", b"```python\nx\n```\n", kind="markdown").sources[0].code == "x\n"
    with pytest.raises(ValueError):
        read("a.py", b"", kind="prolog")


def test_exported_notebooks_are_python():
    raw = (
        b"# Databricks notebook source\n# MAGIC %pip install peft==0.11.1\n# COMMAND ----------\n"
        b"# %%\n# !pip install -q trl\nget_ipython().system('pip install -U transformers==4.50')\n"
        b"get_ipython().run_line_magic('pip', 'install accelerate')\n# install peft first\nx = 1\n"
    )
    source = read("a.py", raw).sources[0]
    assert source.code == raw.decode()
    assert list(source.shell_lines) == [
        "pip install peft==0.11.1",
        "pip install -q trl",
        "pip install -U transformers==4.50",
        "pip install accelerate",
    ]


@pytest.mark.parametrize("span", [(3, 1, 3, 2), (1, 9, 1, 9), (1, 3, 1, 2)])
def test_edits_outside_the_file(span):
    with pytest.raises(EditError):
        replaced(b"x = 1\n", span, "y")
    with pytest.raises(EditError):
        replaced(b"\x0cx = 1\n", span, "y")


LINES = st.lists(
    st.tuples(
        st.sampled_from(["x = 1", "é = 'ü'", "", "\x0c", "\x0cy", "    z", "\tq", "# →"]),
        st.sampled_from(["\n", "\r\n", "\r"]),
    ),
    min_size=1,
    max_size=6,
)


@given(LINES, st.booleans(), st.data())
def test_bytes_outside_the_edit_stay(lines, mark, data):
    text = "".join(line + br for line, br in lines)
    raw = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    file = read("a.py", raw)
    source = file.sources[0]
    program = source.code.replace("\r\n", "\n").split("\n")
    number = data.draw(st.integers(1, len(program) - 1))
    start = data.draw(st.integers(0, len(program[number - 1])))
    end = data.draw(st.integers(start, len(program[number - 1])))
    new = file.edited({0: [Edit(Span(number, start + 1, number, end + 1), "NEW", "a.py")]})
    at = new.index(b"NEW")
    assert raw.startswith(new[:at])
    assert raw.endswith(new[at + 3 :])
    old_line = program[number - 1]
    again = read("a.py", new).sources[0].code.replace("\r\n", "\n").split("\n")
    assert again[number - 1].lstrip("\x0c") == (old_line[:start] + "NEW" + old_line[end:]).lstrip("\x0c")


HEAD = 'from peft import PeftModel\nmodel = PeftModel.from_pretrained(base, "x")\n'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('model.set_adapter("\\N{no such name}")', "unknown Unicode character name"),
        ('model.set_adapter("\\x1")', "truncated"),
        ('model.set_adapter(b"é")', "bytes can only contain ASCII literal characters"),
        pytest.param(
            f"model.set_adapter({'1' * 5000})",
            "4300 digits",
            marks=pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="no limit"),
        ),
    ],
)
def test_literals_without_a_value(line, message):
    """libcst takes them, Python does not: found by guided fuzzing."""
    report = check_bytes(f"{HEAD}{line}\n".encode(), "a.py", Settings())
    [error] = report.errors
    assert error.message.startswith("syntax error: ") and message in error.message
    assert error.line == 3


def test_literals_that_look_odd():
    code = HEAD + 'x = "\\N{BULLET} \\x41 \\ud800"; y = b"\\xff"; z = "é"; n = 0x' + "1" * 5000 + "\n"
    assert check_bytes(code.encode(), "a.py", Settings()).errors == ()


def test_newer_syntax_beside_odd_literals():
    # Python 3.14: a template string
    code = HEAD + 'x = t"{a}"; y = "\\N{BULLET}"\n'
    assert check_bytes(code.encode(), "a.py", Settings()).errors == ()


def test_null_bytes_in_a_page():
    page = f"# A\n\n```python\n{HEAD}model.set_adapter('a\0b')\n```\n"
    assert not any("internal" in e.message for e in check_bytes(page.encode(), "a.md", Settings()).errors)
