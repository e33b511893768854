from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from cli_helpers import Run

from peftlint.comments import directives, layout
from peftlint.diagnostics import Diagnostic, Severity, Span
from peftlint.rules.registry import all_rules
from peftlint.suppression import Suppressions, ignoring_edits


def findings(peftlint: Run, *args: str) -> list[tuple[int, str]]:
    done = peftlint("--output-format", "json", *args)
    report = json.loads(done.out)
    assert report["errors"] == []
    return [(d["line"], d["code"]) for d in report["diagnostics"]]


@pytest.mark.parametrize(
    "code",
    [
        "flag(1)  # peftlint: ignore[PEFT101]",
        "flag(1)  # peftlint: ignore[add-adapter-from-pretrained] it is trained below",
        "flag(1)  # peftlint: ignore[PEFT1]",
        "flag(1)  # peftlint: ignore",
        "flag(1)  # PEFTLINT:ignore[ peft101 ]",
        "flag(1)  # type: ignore  # peftlint: ignore[PEFT101]  # pragma: no cover",
        "flag(1)  # noqa: PEFT101",
        "flag(1)  #noqa:E501,PEFT101",
        "flag(1)  # noqa: E501 PEFT101 long",
        "# peftlint: ignore[PEFT101]\nflag(1)",
        "# peftlint: ignore[PEFT101]\n# and why\nflag(1)",
        "x = flag(\n    1,  # peftlint: ignore[PEFT101]\n)",
        "x = flag(\n    1,\n)  # peftlint: ignore[PEFT101]",
        "x = [\n    # peftlint: ignore[PEFT101]\n    flag(1),\n]",
        "if x:\n    y = 1; flag(1)  # peftlint: ignore[PEFT101]",
        'flag("""\n# no comment\n""")  # peftlint: ignore[PEFT101]',
        "# peftlint: ignore-file[PEFT101]\n\n\nflag(1)\nflag(2)",
        "flag(1)\nflag(2)\n# peftlint: ignore-file",
        "flag(1) \\\n  + 2  # peftlint: ignore[PEFT101]",
        "def f():\n    # peftlint: ignore[PEFT101]\n    return flag(1)",
    ],
)
def test_suppressed(tree: Path, peftlint: Run, flag_rule: None, code: str) -> None:
    (tree / "a.py").write_text("import peft\n" + code + "\n")
    assert findings(peftlint) == []
    assert findings(peftlint, "--ignore-suppressions") != []
    shown = json.loads(peftlint("--show-suppressed", "--output-format", "json").out)["diagnostics"]
    assert shown and all(d["suppressed"] for d in shown)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("flag(1)  # noqa", [(2, "PEFT101")]),
        ("flag(1)  # noqa: E501", [(2, "PEFT101")]),
        ("flag(1)  # peftlint ignore", [(2, "PEFT101")]),
        ('flag("# peftlint: ignore[PEFT101]")', [(2, "PEFT101")]),
        ('flag("""\n# peftlint: ignore[PEFT101]\n""")', [(2, "PEFT101")]),
        ("flag(1)\n# peftlint: ignore[PEFT101]\nflag(2)", [(2, "PEFT101")]),
        ("# peftlint: ignore[PEFT101]\n\nflag(1)", [(2, "PEFT001"), (4, "PEFT101")]),
        ("with flag(1):\n    x = 1  # peftlint: ignore[PEFT101]", [(2, "PEFT101"), (3, "PEFT001")]),
        ("x = 1  # peftlint: ignore[PEFT101]\nflag(1)", [(2, "PEFT001"), (3, "PEFT101")]),
        ("flag(1)  # peftlint: ignore[PEFT2]", [(2, "PEFT101"), (2, "PEFT001")]),
    ],
)
def test_not_suppressed(
    tree: Path, peftlint: Run, flag_rule: None, code: str, expected: list[tuple[int, str]]
) -> None:
    (tree / "a.py").write_text("import peft\n" + code + "\n")
    assert findings(peftlint) == expected


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("x = 1  # peftlint: ignore[PEFT101] why", "x = 1", "PEFT001"),
        ("x = 1  # peftlint: ignore", "x = 1", "PEFT001"),
        ("# peftlint: ignore-file[PEFT101]\nx = 1", "x = 1", "PEFT001"),
        ("    # peftlint: ignore[PEFT101]\nx = 1", "x = 1", "PEFT001"),
        ("x = 1  # noqa: PEFT101", "x = 1", "PEFT001"),
        ("x = 1  # noqa: E501, PEFT101,F401", "x = 1  # noqa: E501, F401", "PEFT001"),
        ("x = 1  # noqa: PEFT999", "x = 1", "PEFT002"),
        ("x = 1  # type: ignore # peftlint: ignore[PEFT101]", "x = 1  # type: ignore", "PEFT001"),
        ("x = 1  # peftlint: ignore[PEFT101] why # type: int", "x = 1  # type: int", "PEFT001"),
        ("x = 1  # peftlint: ignore[PEFT101] why   # type: int", "x = 1  # type: int", "PEFT001"),
        (
            "flag(1)  # peftlint: ignore[PEFT101, PEFT2] why",
            "flag(1)  # peftlint: ignore[PEFT101] why",
            "PEFT001",
        ),
        ("flag(1)  # peftlint: ignore[PEFT101, nonsense]", "flag(1)  # peftlint: ignore[PEFT101]", "PEFT002"),
        ("x = 1\n# peftlint: ignore[nonsense]", "x = 1", "PEFT002"),
    ],
)
def test_comments_that_suppress_nothing_are_found_and_mended(
    tree: Path, peftlint: Run, flag_rule: None, before: str, after: str, code: str
) -> None:
    file = tree / "a.py"
    file.write_text("import peft\n" + before + "\n")
    assert [found for _, found in findings(peftlint)] == [code]
    assert peftlint("--fix").code == 0
    assert file.read_text() == "import peft\n" + after + "\n"


def test_only_rules_that_were_run_count_as_unused(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nx = 1  # peftlint: ignore[PEFT101]\n")
    assert findings(peftlint, "--ignore", "PEFT101") == []
    assert findings(peftlint, "--select", "PEFT101") == []
    strict = next((code for code, info in all_rules().items() if not info.default), None)
    if strict is not None:
        (tree / "a.py").write_text(f"import peft\nx = 1  # peftlint: ignore[{strict}]\n")
        assert findings(peftlint) == []
        assert findings(peftlint, "--strict", "--extend-ignore", strict) == []


def test_a_word_that_is_no_comment_of_ours(tree: Path, peftlint: Run) -> None:
    (tree / "a.py").write_text("import peft\nx = 1  # peftlint: ingore[PEFT101]\n")
    done = peftlint("--output-format", "concise")
    assert "PEFT002" in done.out and "did you mean 'ignore'?" in done.out


def test_suppressing_what_is_said_of_suppressions(tree: Path, peftlint: Run) -> None:
    (tree / "a.py").write_text(
        "# peftlint: ignore-file[unused-suppression]\nimport peft\nx = 1  # peftlint: ignore[PEFT101]\n"
    )
    assert findings(peftlint) == []


def test_add_ignore(tree: Path, peftlint: Run, flag_rule: None) -> None:
    file = tree / "a.py"
    file.write_text(
        dedent(
            """\
            import peft
            flag(1)
            x = flag(
                2,
            )
            flag(3)  # type: ignore
            flag(4)  # peftlint: ignore[PEFT101]
            y = 5  # peftlint: ignore[shared-base-model]; flag(5)
            """
        ).replace("; flag(5)", "")
    )
    done = peftlint("--add-ignore=checked by hand", "--select", "PEFT101")
    assert (done.code, done.out) == (0, "Added 3 suppressions in 1 file.\n")
    name = "add-adapter-from-pretrained"
    assert file.read_text().splitlines()[1:6] == [
        f"flag(1)  # peftlint: ignore[{name}] checked by hand",
        "x = flag(",
        "    2,",
        f")  # peftlint: ignore[{name}] checked by hand",
        f"flag(3)  # type: ignore  # peftlint: ignore[{name}] checked by hand",
    ]
    assert findings(peftlint, "--select", "PEFT101") == []
    assert peftlint("--add-ignore", "a.py", "--select", "PEFT101").out == "Added 0 suppressions in 0 files.\n"


def test_add_ignore_to_an_existing_comment(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)  # peftlint: ignore[PEFT2] why\n")
    assert peftlint("--add-ignore").code == 0
    assert "# peftlint: ignore[PEFT2, add-adapter-from-pretrained] why" in (tree / "a.py").read_text()


def test_statements_are_logical_lines() -> None:
    code = "a = (\n  1,\n)\n\nif x:\n    b = '''\n    '''\n@d\ndef f(\n): pass\n"
    assert layout(code).statements == ((1, 3), (5, 5), (6, 7), (8, 8), (9, 10))


def test_what_cannot_be_tokenized_is_read_line_by_line() -> None:
    found, _ = directives("x = 1  # peftlint: ignore[PEFT101]\ny = $ (  # peftlint: ignore[PEFT2]\n")
    assert [directive.rules for directive in found] == [("PEFT101",), ("PEFT2",)]


def test_notebooks(tree: Path, peftlint: Run, flag_rule: None) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# peft"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
         "source": ["import peft\n", "flag(1)"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
         "source": ["flag(2)  # peftlint: ignore[PEFT101]"]},
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tree / "n.ipynb").write_text(json.dumps(notebook, indent=1))
    report = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
    assert [(d["cell"], d["line"]) for d in report] == [(1, 2)]
    assert peftlint("--add-ignore").code == 0
    source = json.loads((tree / "n.ipynb").read_text())["cells"][1]["source"]
    assert source == ["import peft\n", "flag(1)  # peftlint: ignore[add-adapter-from-pretrained]"]
    assert findings(peftlint) == []


@pytest.mark.parametrize(
    ("code", "comments", "statements"),
    [
        # the tokenizer gives up in line 3: the rest is read line by line
        (
            "if x:\n    a\n  b  # peftlint: ignore\n# c\n",
            ((3, 6, "# peftlint: ignore"), (4, 1, "# c")),
            ((1, 1), (2, 2), (3, 3)),
        ),
        # and here in line 1
        ('"""abc  # x\nb # y\n', ((1, 9, "# x"), (2, 3, "# y")), ((1, 1), (2, 2))),
    ],
)
def test_code_that_this_python_cannot_tokenize(
    code: str, comments: tuple[object, ...], statements: tuple[object, ...]
) -> None:
    plan = layout(code)
    assert plan.comments == comments
    assert plan.statements == statements


def test_what_is_said_about_comments(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text(
        "import peft\nx = 1  # peftlint: ignore[PEFT101]\ny = 1  # peftlint: ignore[PEFT101x, PEFT102]\n"
    )
    done = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
    assert [(d["code"], d["name"], d["severity"]) for d in done] == [
        ("PEFT001", "unused-suppression", "warning"),
        ("PEFT001", "unused-suppression", "warning"),
        ("PEFT002", "unknown-suppression", "warning"),
    ]
    assert done[0]["help"].startswith("remove it")
    assert done[2]["help"].startswith("write the code or the name of a rule")
    assert done[0]["fix"]["title"] == "Remove the comment"
    assert done[2]["fix"]["title"] == "Leave PEFT102"


def messages(peftlint: Run) -> list[str]:
    return [d["message"] for d in json.loads(peftlint("--output-format", "json").out)["diagnostics"]]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# peftlint: ignore[PEFT101]", "'PEFT101' is suppressed, and not reported here"),
        ("# peftlint: ignore[PEFT101, PEFT102]", "'PEFT101', 'PEFT102' is suppressed, and not reported here"),
        ("# peftlint: ignore-file[PEFT101]", "'PEFT101' is suppressed, and not reported in this file"),
        ("# peftlint: ignore", "nothing is reported here that this would suppress"),
        ("# peftlint: ignore-file", "nothing is reported in this file that this would suppress"),
        ("# peftlint: ignore[qqqqq, zzzzz]", "there is no rule 'qqqqq', 'zzzzz'"),
    ],
)
def test_what_is_said_of_a_comment(
    tree: Path, peftlint: Run, flag_rule: None, comment: str, message: str
) -> None:
    (tree / "a.py").write_text(f"import peft  {comment}\n")
    assert messages(peftlint) == [message]


def test_an_indented_comment_is_no_statement_where_tokens_end() -> None:
    plan = layout("x = '''\n  # no statement\n  y = 1\n")
    assert (2, 2) not in plan.statements and (3, 3) in plan.statements


def test_a_lone_carriage_return_ends_a_line() -> None:
    assert layout("x = 1\ry = 2  # here\n").comments == ((2, 8, "# here"),)


def test_a_comment_without_a_reason() -> None:
    found = Diagnostic("PEFT101", "some-rule", Severity.ERROR, "m", "h", "a.py", Span(1, 1, 1, 5))
    (edit,) = ignoring_edits("x = 1\n", "a.py", [found])
    assert edit.text == "  # peftlint: ignore[some-rule]"


def test_marking_says_nothing_of_the_comments() -> None:
    found = Diagnostic("PEFT101", "some-rule", Severity.ERROR, "m", "h", "a.py", Span(1, 1, 1, 5))
    marked = Suppressions("x = 1  # peftlint: ignore[PEFT101, PEFT102]\n", "a.py").marked([found])
    assert [(each.code, each.suppressed) for each in marked] == [("PEFT101", True)]
    assert Suppressions("x = 1\n", "a.py").marked([found]) == [found]


def test_where_selectors_stand() -> None:
    """Nowhere without brackets; inside of empty ones."""
    ((bare,), _), ((empty,), _) = (directives(f"x = 1  # peftlint: ignore{end}\n") for end in ("", "[]"))
    assert (bare.rules_start, bare.rules_end) == (None, None)
    assert (empty.rules_start, empty.rules_end) == (27, 27)


def test_a_line_that_cannot_be_tokenized_has_its_whole_comment() -> None:
    assert layout("'''\nx = 1  # one # two\n").comments == ((2, 8, "# one # two"),)


def test_the_last_line_of_a_statement_belongs_to_it() -> None:
    plan = layout("x = (\n1,\n)\ny = 2\n")
    assert [plan.statement_at(line) for line in range(1, 6)] == [(1, 3), (1, 3), (1, 3), (4, 4), (5, 5)]


def test_comments_for_several_findings() -> None:
    """Those of the suppressions themselves get none; what stands there already is made longer; several in a line share one."""

    def at(line: int, code: str, name: str) -> Diagnostic:
        return Diagnostic(code, name, Severity.ERROR, "m", "h", "a.py", Span(line, 1, line, 2))

    code = "a\nb  # peftlint: ignore[]\nc  # peftlint: ignore[one]\nd\n"
    found = [at(1, "PEFT001", "unused-suppression"), at(2, "PEFT101", "one"), at(3, "PEFT102", "two")]
    found += [at(4, "PEFT101", "one"), at(4, "PEFT102", "two"), at(4, "PEFT102", "two")]
    edits = ignoring_edits(code, "a.py", found, "why")
    assert [(edit.span.line, edit.text, edit.path) for edit in edits] == [
        (2, "one", "a.py"),
        (3, ", two", "a.py"),
        (4, "  # peftlint: ignore[one, two] why", "a.py"),
    ]
