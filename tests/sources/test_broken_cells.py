"""A cell that does not parse: it is reported, the others are checked, and what it may touch is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_notebook import notebook, sources

from peftlint.cli import run
from peftlint.diagnostics import Diagnostic
from peftlint.settings import Settings
from peftlint.sources import SourceFile, read
from peftlint.sources.broken import StandIns

IMPORTS = "from peft import PeftConfig\nfrom transformers import AutoModelForCausalLM, Trainer"
LOAD = (
    'model = AutoModelForCausalLM.from_pretrained("base")\n'
    'model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")'
)
USE = 'model.set_adapter("math")\nprint(model.generate(inputs))'


def found_in(file: SourceFile) -> list[Diagnostic]:
    from peftlint.checker import Checker

    return list(Checker(Settings()).report(file).diagnostics)


def findings(*cells: str) -> list[tuple[str, int | None]]:
    file = read("n.ipynb", notebook(*cells))
    assert file.notes
    return [(diagnostic.code, diagnostic.cell) for diagnostic in found_in(file)]


@pytest.mark.parametrize(
    "broken",
    [
        "plt.plot(losses",
        "# the model is good\nplt.plot(",
        "Step two: load the weights",
        "%%time\nplt.plot(losses",
        "other.model = f(",
    ],
)
def test_what_the_broken_cell_has_nothing_to_do_with_is_found(broken: str) -> None:
    assert findings(IMPORTS, broken, LOAD, USE) == [("PEFT101", 2)]
    assert findings(IMPORTS, LOAD, broken, USE) == [("PEFT101", 1)]


@pytest.mark.parametrize(
    "broken",
    [
        'model.load_adapter("adapters/math", "math"',
        "restore(model",
        "restore(peft_model=model",
        "model = load(",
        "model: Any = load(",
        "(model, tokenizer) = load(",
        "if True\n    model = load()",
        "model += (",
        "for model in models\n    f()",
        "import model, x from",
        "from lib import (load,\n    model",
        "with load( as model",
        "if (model := load(:",
        "print('it's'); model = load()",
        'print("""); restore(model)',
        "trainer = Trainer(model=model",
        "global model\nx(",
        "def train(p)\n    restore(model)\ntrain(1)",
    ],
)
def test_what_the_broken_cell_may_touch_is_not_spoken_of(broken: str) -> None:
    assert findings(IMPORTS, LOAD, broken, USE) == []


def test_what_it_may_touch_afterwards_only_stays_found() -> None:
    assert findings(IMPORTS, LOAD, USE, 'model.load_adapter("adapters/math"') == [("PEFT101", 1)]


@pytest.mark.parametrize(
    "cells",
    [
        # a function of its own, called later; the second of two broken cells; one that another cell defines
        (IMPORTS, "def restore(p\n    model.load(p)", LOAD, "restore('x')", USE),
        (IMPORTS, "class Loader(:\n    def load(self): model.load()", LOAD, "Loader().load()", USE),
        (IMPORTS, "def restore(p\n    model.load(p)", LOAD, "restore('x'", USE),
        (IMPORTS, "def restore(p):\n    load_weights(model, p)", LOAD, "restore('x'", USE),
        (IMPORTS, "def restore(p):\n    model.load(p)\ndef all():\n    restore(1)", LOAD, "all(", USE),
        (IMPORTS, "def restore():\n    global model\n    model = load()", LOAD, "restore(", USE),
        # by another name
        (IMPORTS, LOAD, "m = model", 'm.load_adapter("adapters/math"', USE),
        (IMPORTS, LOAD, "all = {'m': model}", 'all["m"].load_adapter("adapters/math"', USE),
        # names that it imports
        (IMPORTS + "\nx = (", LOAD, USE),
    ],
)
def test_what_it_may_reach_through_others_is_not_spoken_of(cells: tuple[str, ...]) -> None:
    assert findings(*cells) == []


def test_the_stand_in_takes_as_little_as_it_can() -> None:
    def code(*pieces: str) -> str:
        return StandIns([(pieces[0], True), *((piece, False) for piece in pieces[1:])]).code(0)

    assert code("f(x", "y = 1") == ""
    assert code("f(x", "x = 1") == "get_ipython(x)"
    assert code("f(x=x.y.z, y=1", "x, z = 1, 2") == "get_ipython(x)"
    assert code("a = b = c[d] = f(e\nif a == b: g = ='h'", "a, b, c, d, e, f, g, h = q") == (
        "a, b, c, d, g = get_ipython(a, b, c, d, f, e, g, h)"
    )
    assert code("x = 1; f(y=2; z = (", "x, y, z = q") == "x, z = get_ipython(x, y, z)"
    assert code("from m import *\nx = (", "x") == "from m import *; x = get_ipython(x)"
    assert code("def f(x:\n  pass", "f(x)") == (
        "get_ipython(f, x); f = lambda *__given, **__named: get_ipython(__given, __named, f, x)"
    )


def test_one_message_a_broken_cell_and_the_exit_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.ipynb").write_bytes(
        notebook(IMPORTS, ("markdown", "x = ("), "y = (\n", LOAD, USE, "z = 1 +")
    )
    assert run(["--no-cache", "--output-format", "concise", "n.ipynb"]) == 2
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("n.ipynb:cell 3:2:1: PEFT101")
    assert out[1:3] == [
        "n.ipynb:cell 2:1:5: error: syntax error: '(' was never closed",
        "n.ipynb:cell 5:1:8: error: syntax error: invalid syntax",
    ]
    assert run(["--no-cache", "--output-format", "json", "n.ipynb"]) == 2
    assert [error["message"] for error in json.loads(capsys.readouterr().out)["errors"]] == [
        "cell 2: syntax error: '(' was never closed",
        "cell 5: syntax error: invalid syntax",
    ]


def test_fixing_leaves_the_broken_cell_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other cells are fixed. An import that the broken cell uses stays: it is still needed."""
    monkeypatch.chdir(tmp_path)
    for broken, imports in (("y = (", IMPORTS.split("\n")[1]), ("y = PeftConfig(", IMPORTS)):
        path = tmp_path / "n.ipynb"
        path.write_bytes(notebook(IMPORTS, broken, LOAD, USE))
        assert run(["--no-cache", "--fix", "n.ipynb"]) == 2
        assert "1 fixed, 0 left" in capsys.readouterr().out
        loaded = LOAD.split("\n")[0] + '\nmodel.load_adapter("adapters/math", adapter_name="math")'
        assert sources(path.read_bytes()) == [imports, broken, loaded, USE]


def test_no_finding_stands_in_a_broken_cell() -> None:
    """Whatever is left unknown: the stand-in is nobody's code."""
    for broken in ("PeftConfig.from_pretrained(model", "model.add_adapter(PeftConfig.from_pretrained('x')"):
        assert all(cell != 1 for _, cell in findings(IMPORTS, broken, LOAD, USE))


def test_a_block_of_a_page_that_does_not_parse_may_touch_what_it_mentions() -> None:
    def page(*blocks: str) -> list[tuple[str, int]]:
        text = "".join(f"Text.\n\n```python\n{block}\n```\n" for block in blocks)
        file = read("p.md", text.encode())
        assert file.notes == ()
        return [(diagnostic.code, diagnostic.span.line) for diagnostic in found_in(file)]

    start = IMPORTS + "\n" + LOAD
    assert page(start, USE) == [("PEFT101", 7)]
    assert page(start, "plt.plot(...", USE) == [("PEFT101", 7)]
    assert page(start, 'model.load_adapter("adapters/math", ...', USE) == []
    assert page("x = (", start, ">>> model.load(\n... ", USE) == []
