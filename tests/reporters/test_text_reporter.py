from __future__ import annotations

from dataclasses import replace

from peftlint.reporters import View, render
from peftlint.reporters.terminal import harmless, width
from peftlint.result import Excerpt, Result


def test_the_whole_text(result: Result) -> None:
    only = replace(result, diagnostics=result.diagnostics[2:], errors=result.errors[:1])
    assert render("text", only) == (
        "error[PEFT101] add-adapter-from-pretrained: adapter 'math' is created untrained\n"
        "  --> src/a b.py:3:5\n"
        "   |\n"
        " 2 | if x:\n"
        " 3 |     tag('日本').add(config)\n"
        "   |        ^^^^^^^^^^^^^^^^^^^\n"
        "   |\n"
        "  ::> src/a b.py:1:1: the config is read here\n"
        " 1 | config = 1\n"
        "   | -------\n"
        "  ::> src/other.py:2:1: made elsewhere\n"
        "   = help: use load_adapter\n"
        "   = fix: Load it (`--fix` does this)\n"
        "   = see: https://peftlint.readthedocs.io/rules/add-adapter-from-pretrained/\n"
        "\n"
        "error: bad.py:4:2: is ␛[31mred\n"
        "\n"
        "Found 1 finding in 1 file.\n"
        "1 error: not all input could be checked.\n"
        "1 fixable with `--fix`.\n"
    )


def test_a_finding_over_several_lines_of_a_cell(result: Result) -> None:
    only = replace(result, diagnostics=result.diagnostics[:1], errors=())
    text = render("text", only)
    assert "  --> n.ipynb:cell 3:1:1\n" in text
    assert " 1 | a = (\n   | ^^^^^\n 2 |   1)\n   |   ^\n" in text


def test_suppressed_findings_are_shown_on_demand(result: Result) -> None:
    assert "hidden" not in render("text", result)
    assert "(suppressed): hidden" in render("text", result, View(show_suppressed=True))
    assert "(suppressed): hidden" in render("concise", result, View(show_suppressed=True))


def test_concise(result: Result) -> None:
    only = replace(result, errors=())
    assert render("concise", only).splitlines() == [
        "n.ipynb:cell 3:1:1: PEFT001 unused-suppression: 100% unused: a,b␊and more",
        "src/a b.py:3:5: PEFT101 add-adapter-from-pretrained: [*] adapter 'math' is created untrained",
        "Found 2 findings in 2 files.",
        "1 fixable with `--fix`, 1 more with `--unsafe-fixes`.",
    ]


def test_closing_lines(result: Result, empty: Result) -> None:
    assert render("text", empty) == "No findings in 3 files.\n"
    assert render("text", empty, View(quiet=True)) == ""
    assert "Found 5 findings (3 fixed, 2 left)." in render("text", replace(result, fixed={"PEFT101": 3}))
    assert "1 finding passed over by the baseline." in render("text", replace(empty, baselined=1))


def test_columns_beyond_the_line_do_no_harm(result: Result) -> None:
    short = {("src/a b.py", None, 3): Excerpt("x")}
    assert " 3 | x\n   |  ^\n" in render(
        "text", replace(result, diagnostics=result.diagnostics[2:], excerpts=short)
    )


def test_harmless() -> None:
    assert harmless("a\x1b[0m\n\x7f\u202e\ud800é") == "a␛[0m␊␡\ufffd\ufffdé"
    assert [width(text) for text in ("a\t", "日本", "e\u0301", "é")] == [5, 4, 1, 1]
