from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peftlint.diagnostics import Edit, Span
from peftlint.sources import EditError, SourceError, read


def notebook(*cells, indent=1, ascii_only=False, **top):
    """The bytes of a notebook whose code cells have these sources (a pair sets the type of the cell)."""
    document = {
        "cells": [
            {
                "cell_type": cell[0] if isinstance(cell, tuple) else "code",
                "metadata": {},
                "outputs": [],
                "source": cell[1] if isinstance(cell, tuple) else cell,
            }
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
        **top,
    }
    return json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode() + b"\n"


def code(*cells):
    return read("n.ipynb", notebook(*cells)).sources[0].code


def edited(raw, *edits):
    file = read("n.ipynb", raw)
    return file.edited({0: [Edit(Span(*span), text, "n.ipynb") for span, text in edits]})


def sources(raw):
    return [
        "".join(cell["source"])
        for cell in json.loads(raw.decode("utf-8-sig"))["cells"]
        if cell["cell_type"] == "code"
    ]


def test_code_cells_are_one_program():
    raw = notebook(["a = 1\n", "b = 2"], ("markdown", "text"), ("raw", "no"), "", "c = await f()\n", [])
    file = read("n.ipynb", raw)
    source = file.sources[0]
    assert source.code == "a = 1\nb = 2\nc = await f()\n"
    assert file.notes == ()
    location = source.locate(Span(3, 1, 3, 2))
    assert (location.cell, location.span) == (4, Span(1, 1, 1, 2))
    # a span that reaches into the next cell ends with its own
    location = source.locate(Span(1, 1, 3, 1))
    assert (location.cell, location.span) == (0, Span(1, 1, 2, 6))
    assert source.locate(Span(9, 1, 9, 1)).cell == 4


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("!pip install x\nf()", "pass\nf()\n"),
        ("%matplotlib inline\n?f\nf?\nf.g??\n%%time\nf()", "pass\npass\npass\npass\npass\nf()\n"),
        ("if x:\n    !ls {y}\n    %cd z\nf()", "if x:\n    pass\n    pass\nf()\n"),
        ("files = !ls *.py\nf()", "files = get_ipython()\nf()\n"),
        ("a, b['k'] = %sx ls", "a, b['k'] = get_ipython()\n"),
        ("%time f(x)", "pass; f(x)\n"),
        ("    %timeit -n 10 -r3 f(x)\n    f()", "pass            ; f(x)\nf()\n"),
        ("%time\nf()", "pass\nf()\n"),
        ("!pip install a \\\n  b \\\n  c\nf()", "pass\n\n\nf()\n"),
        ("%%time\nf()", "pass\nf()\n"),
        ("\n# a title\n%%capture out\nf()", "\n# a title\npass\nf()\n"),
        ('x = """\n!not a magic\n%neither\n"""\n!ls', 'x = """\n!not a magic\n%neither\n"""\npass\n'),
        ("x = (a\n% b)\n!ls", "x = (a\n% b)\npass\n"),
        ("x = a \\\n  % b\n!ls", "x = a \\\n  % b\npass\n"),
        ("x = 'it\\'s' # don't\n!ls", "x = 'it\\'s' # don't\npass\n"),
        ("x = a != b\n!ls", "x = a != b\npass\n"),
        ("f(a=b%c)\n!ls", "f(a=b%c)\npass\n"),
        ("x = 1  # why?\n!ls", "x = 1  # why?\npass\n"),
        ("x = 'why?'\n!ls", "x = 'why?'\npass\n"),
        ("pip install peft\nf()", "pass\nf()\n"),
        ("    a = 1\n    b = 2", "a = 1\nb = 2\n"),
        (",f a b\n/g x\n;h c", "pass\npass\npass\n"),
    ],
)
def test_magics(cell, expected):
    assert code(cell) == expected


def test_magics_keep_columns():
    cell = "%time model.generate(x)\nif a:\n\t%timeit -n 2 f(b)"
    source = read("n.ipynb", notebook(cell)).sources[0]
    for word in ("generate", "f(b)"):
        line = next(n for n, text in enumerate(source.code.split("\n")) if word in text)
        assert source.code.split("\n")[line].index(word) == cell.split("\n")[line].index(word)


@pytest.mark.parametrize(
    "cell",
    [
        "%%bash\nls 'x",
        "%%writefile f.py\nx = 1",
        "%%html\n<b>",
        "\n%%sh\nls",
        "%%R\nx <- 1",
        "%%python2\nprint 1",
    ],
)
def test_cells_in_other_languages(cell):
    assert code("a = 1", cell, "b = 2") == "a = 1\nb = 2\n"


def test_other_languages_of_kernel_and_editor():
    raw = notebook("x <- 1", metadata={"kernelspec": {"language": "R"}})
    assert read("n.ipynb", raw).sources == ()
    document = json.loads(notebook("SELECT 1", "a = 1"))
    document["cells"][0]["metadata"] = {"vscode": {"languageId": "sql"}}
    assert read("n.ipynb", json.dumps(document).encode()).sources[0].code == "a = 1\n"


def test_shell_lines():
    source = read(
        "n.ipynb",
        notebook(
            "!pip install -q 'peft==0.11.1' \\\n  trl\n%pip install torch\n!!ls",
            "x = !pip freeze",
            "%%bash\n# comment\npip install transformers\ncd x",
            "pip install accelerate",
        ),
    ).sources[0]
    assert list(source.shell_lines) == [
        "pip install -q 'peft==0.11.1' trl",
        "pip install torch",
        "ls",
        "pip freeze",
        "pip install transformers",
        "cd x",
        "pip install accelerate",
    ]


def test_a_broken_cell_is_left_out_and_noted():
    file = read("n.ipynb", notebook("a = 1", "x = 1\nf(", "b = 2"))
    assert file.sources[0].code == "a = 1\nb = 2\n"
    [note] = file.notes
    assert (note.cell, note.line) == (1, 2)
    assert file.sources[0].locate(Span(2, 1, 2, 2)).cell == 2


def test_nothing_but_broken_cells():
    with pytest.raises(SourceError) as caught:
        read("n.ipynb", notebook("x = = 1"))
    assert caught.value.cell == 0


@pytest.mark.parametrize(
    ("raw", "message", "line"),
    [
        (b'{"cells": [\n{"cell_type" "code"}]}', "not valid JSON", 2),
        (b'{"cells": [],\n}', "not valid JSON", 2),
        (b'{"cells": []} x', "Extra data", 1),
        (b"", "not valid JSON", 1),
        (b"[1, 2]", "an object", 1),
        (b'{"a": 1}', "no list of cells", 1),
        (b'{"cells": {}}', "no list of cells", 1),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "nbformat 3", 1),
        (b'{"nbformat": 2, "worksheets": []}', "nbformat 2", 1),
        (b'{"nbformat": 9, "cells": []}', "nbformat 9", 1),
        (b'\n{"cells": "\xff"}', "not valid UTF-8", 2),
        (b'{"cells": [' + b"[" * 100_000, "nested too deeply", 1),
        (b'{"x": ' + b'{"a":' * 100_000, "nested too deeply", 1),
    ],
)
def test_errors(raw, message, line):
    with pytest.raises(SourceError) as caught:
        read("n.ipynb", raw)
    assert message in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    "cells",
    [b"[]", b'[1, "x", null, {}]', b'[{"cell_type": "code", "source": 3}]', b'[{"cell_type": "code"}]'],
)
def test_odd_cells_are_not_code(cells):
    file = read("n.ipynb", b'{"cells": ' + cells + b"}")
    assert [source.code for source in file.sources] == [""]


ODD = (
    b'{ "nbformat":4 ,"metadata" : {"x":"caf\\u00e9"},\r\n'
    b'"cells":[ {"source" :[\r\n\t"a = 1\\n" , "b\\u0020= \'\\u00e9\'\\/2\\n",\r\n'
    b'\t"c = 3"]\r\n,"cell_type":"code"},'
    b'{"cell_type":"code","source":"d = 4\\n\\ne = \'\\ud83d\\ude00f\'"} ],"z":NaN}'
)


def test_odd_layout_stays():
    assert edited(ODD) == ODD
    assert read("n.ipynb", ODD).sources[0].code == "a = 1\nb = 'é'/2\nc = 3\nd = 4\n\ne = '😀f'\n"
    assert edited(ODD, ((2, 9, 2, 10), "5")) == ODD.replace(b"\\/2", b"\\/5")
    assert edited(ODD, ((6, 6, 6, 7), "x")) == ODD.replace(b"\\ud83d\\ude00", b"x")
    assert edited(ODD, ((6, 7, 6, 8), "é")) == ODD.replace(b"ude00f", b"ude00\\u00e9")
    assert edited(ODD, ((1, 5, 1, 6), "'é'")) == ODD.replace(b"a = 1", b"a = '\\u00e9'")


@pytest.mark.parametrize(
    ("span", "text", "expected"),
    [
        ((2, 1, 2, 1), "n = 0\n", ["a = 1\n", "n = 0\n", "b = 2\n", "c = 3"]),
        ((1, 6, 1, 6), "\nn = 0", ["a = 1\n", "n = 0\n", "b = 2\n", "c = 3"]),
        ((3, 6, 3, 6), "\nn = 0", ["a = 1\n", "b = 2\n", "c = 3\n", "n = 0"]),
        ((4, 1, 4, 1), "n = 0\n", ["a = 1\n", "b = 2\n", "c = 3\n", "n = 0"]),
        ((2, 1, 3, 1), "", ["a = 1\n", "c = 3"]),
        ((1, 1, 2, 1), "", ["b = 2\n", "c = 3"]),
        ((3, 1, 4, 1), "", ["a = 1\n", "b = 2"]),
        ((1, 1, 4, 1), "", [""]),
        ((1, 5, 2, 5), "", ["a = 2\n", "c = 3"]),
        ((2, 5, 2, 6), "(\n  1,\n)", ["a = 1\n", "b = (\n", "  1,\n", ")\n", "c = 3"]),
        ((2, 1, 4, 1), "n = 0\n", ["a = 1\n", "n = 0"]),
    ],
)
@pytest.mark.parametrize("indent", [None, 1, 4, "\t"])
def test_lists_stay_one_string_a_line(span, text, expected, indent):
    raw = notebook(["a = 1\n", "b = 2\n", "c = 3"], indent=indent)
    new = edited(raw, (span, text))
    assert new == notebook(expected, indent=indent)


def test_several_edits_of_a_cell():
    raw = notebook(["a = 1\n", "b = 2\n"], "c = 3")
    new = edited(raw, ((1, 5, 1, 6), "x"), ((1, 1, 1, 1), "n\n"), ((2, 1, 3, 1), ""), ((3, 5, 3, 6), "y"))
    assert sources(new) == ["n\na = x\n", "c = y"]


def test_a_single_string_gets_its_neighbours_layout():
    raw = notebook(["a = 1"], indent=2)
    assert edited(raw, ((1, 6, 1, 6), "\nb = 2")) == notebook(["a = 1\n", "b = 2"], indent=2)


@pytest.mark.parametrize("ascii_only", [False, True])
def test_escapes_as_the_file_has_them(ascii_only):
    raw = notebook(["x = 'é'\n", "y = 1"], ("markdown", "ü"), "z = 1", ascii_only=ascii_only)
    new = edited(raw, ((2, 5, 2, 6), "'→'"), ((3, 5, 3, 6), "'→'"))
    assert new == notebook(["x = 'é'\n", "y = '→'"], ("markdown", "ü"), "z = '→'", ascii_only=ascii_only)


def test_byte_order_mark_and_missing_newline():
    raw = b"\xef\xbb\xbf" + notebook("a = 1").rstrip()
    assert edited(raw, ((1, 5, 1, 6), "2")) == raw.replace(b"a = 1", b"a = 2")


@pytest.mark.parametrize(
    ("cell", "span"),
    [
        ("!ls\nf()", (1, 1, 1, 5)),
        ("!ls\nf()", (1, 1, 2, 1)),
        ("x = !ls\nf()", (1, 5, 1, 6)),
        ("%time f(x)", (1, 1, 1, 7)),
        ("!a \\\n b\nf()", (2, 1, 2, 1)),
        ("%%time\nf()", (1, 1, 1, 1)),
        ("f()\n!ls", (1, 2, 3, 1)),
    ],
)
def test_magics_take_no_edit(cell, span):
    with pytest.raises(EditError):
        edited(notebook(cell), (span, "x"))


def test_edits_beside_magics():
    raw = notebook("!ls\nx = !ls -l\n%time f(x)\n%%time")
    new = edited(
        raw,
        ((1, 1, 1, 1), "a\n"),
        ((1, 5, 1, 5), "\nb"),
        ((2, 1, 2, 2), "y"),
        ((3, 7, 3, 8), "g"),
    )
    assert sources(new) == ["a\n!ls\nb\ny = !ls -l\n%time g(x)\n%%time"]


@pytest.mark.parametrize(
    ("cell", "span", "expected"),
    [("a\n\nb", (3, 1, 4, 1), "a\n\n"), ("\nb", (2, 1, 3, 1), "\n"), ("a\nb", (2, 1, 3, 1), "a")],
)
def test_the_last_line_goes(cell, span, expected):
    new = edited(notebook(cell), (span, ""))
    assert sources(new) == [expected]
    lines = cell.split("\n")[: span[0] - 1]
    assert read("n.ipynb", new).sources[0].code == "\n".join(lines) + "\n"


def test_edits_over_two_cells_are_refused():
    raw = notebook("a = 1", "b = 2")
    with pytest.raises(EditError):
        edited(raw, ((1, 1, 2, 2), "x"))
    assert sources(edited(raw, ((1, 1, 2, 1), ""))) == ["", "b = 2"]
    assert sources(edited(raw, ((1, 1, 2, 1), "x\n"))) == ["x", "b = 2"]


def test_indented_cell():
    raw = notebook("    a = 1\n    if a:\n        b\n")
    assert edited(raw, ((1, 1, 1, 1), "n\n"), ((3, 5, 3, 6), "c\nd")) == notebook(
        "    n\n    a = 1\n    if a:\n        c\n    d\n"
    )


PARTS = st.sampled_from(
    ["x = 1", "é", "'\\\\'", '"q"', "\t", "/", "😀", "!ls", "%time f()", "if x:", "    y", "", "(", ")"]
)
CELLS = st.lists(st.lists(PARTS, max_size=5).map("\n".join), min_size=1, max_size=4)


@settings(deadline=None)
@given(CELLS, st.booleans(), st.booleans(), st.sampled_from([None, 1]), st.data())
def test_nothing_outside_the_source_changes(cells, listed, ascii_only, indent, data):
    raw = notebook(
        *([cell.splitlines(keepends=True) for cell in cells] if listed else cells),
        indent=indent,
        ascii_only=ascii_only,
    )
    try:
        file = read("n.ipynb", raw)
    except SourceError:
        return
    assert file.edited({}) == raw
    lines = file.sources[0].code.split("\n")[:-1]
    if not lines:
        return
    number = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(0, len(lines[number - 1])))
    end = data.draw(st.integers(start, len(lines[number - 1])))
    edit = Edit(Span(number, start + 1, number, end + 1), "NEW", "n.ipynb")
    try:
        new = file.edited({0: [edit]})
    except EditError:
        return
    at = new.index(b"NEW")
    assert raw.startswith(new[:at]) and raw.endswith(new[at + 3 :])
    cell = file.sources[0].locate(edit.span).cell
    was, now = json.loads(raw), json.loads(new)
    for index, (old_cell, new_cell) in enumerate(zip(was["cells"], now["cells"], strict=True)):
        if index == cell:
            assert "".join(new_cell.pop("source")) != "".join(old_cell.pop("source"))
        assert old_cell == new_cell


@settings(deadline=None)
@given(st.text(alphabet="x=1 \n\t!%?'\"()[]\\#;,/é", max_size=40))
@example("\\\n\n;")
def test_any_cell_keeps_its_lines(cell):
    try:
        file = read("n.ipynb", notebook(cell, "end = 1"))
    except SourceError:
        return
    source = file.sources[0]
    last = source.code.count("\n")
    location = source.locate(Span(last, 1, last, 4))
    assert (location.cell, location.span) == (1, Span(1, 1, 1, 4))
