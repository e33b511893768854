"""What the pages show is what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pages import DOCS, agrees, blocks, follow

import peftlint
from peftlint.diagnostics import Applicability, Severity


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["index.md", "fixes.md"])
def test_the_page_shows_what_comes_out(name: str, tmp_path: Path) -> None:
    for command, printed in follow(text_of(name), tmp_path):
        assert agrees(command.shown, printed), f"$ {command.line}\n{printed}"


def test_the_tutorial(tmp_path: Path) -> None:
    """Each step as a reader does it; then the test on the page is tried on the program with the mistake."""
    first = next(block.body for block in blocks(text_of("tutorial.md")) if block.title == "serve.py")
    for command, printed in follow(text_of("tutorial.md"), tmp_path):
        assert agrees(command.shown, printed), f"$ {command.line}\n{printed}"
    (tmp_path / "serve.py").write_text(first)
    from pages import run

    assert "2 failed" in run("python -m pytest -q test_switch.py", tmp_path)


def test_how_it_decides() -> None:
    examples = [block for block in blocks(text_of("how-it-decides.md")) if block.language == "python"]
    assert len(examples) >= 5
    for block in examples:
        found = [d.code for d in peftlint.check_source(block.body.encode(), "example.py")]
        expected = [] if block.title.startswith("silent: ") else [block.title]
        assert found == expected, block.body


def test_the_silent_examples_say_something_without_what_makes_them_silent() -> None:
    """They are silent because of what the page says, not because nothing was looked at."""
    silent = {b.title: b.body for b in blocks(text_of("how-it-decides.md")) if b.title.startswith("silent")}
    unseen = silent["silent: the helper cannot be seen"].replace(
        'restore_weights(model, "adapters/math")\n', ""
    )
    branches = silent["silent: two conditions that nobody has related"]
    serving = branches.replace('    train(model)\nif args.mode == "serve":\n    model.load', "    other.load")
    for body, code in ((unseen, "PEFT201"), (serving, "PEFT101")):
        assert code in [d.code for d in peftlint.check_source(body.encode(), "example.py")], body


def test_the_json_of_the_page_has_the_fields_of_a_report() -> None:
    from peftlint.reporters import render

    [shown] = [json.loads(block.body) for block in blocks(text_of("api.md")) if block.language == "json"]
    span = peftlint.Span(1, 1, 1, 2)
    fix = peftlint.Fix("t", Applicability.SAFE, (peftlint.Edit(span, "x", "a.py"),))
    step = peftlint.Step("m", span, "a.py")
    diagnostic = peftlint.Diagnostic("C", "n", Severity.ERROR, "m", "h", "a.py", span, trace=(step,), fix=fix)
    error = peftlint.FileError("a.py", "m")
    made = json.loads(render("json", peftlint.Result(diagnostics=(diagnostic,), errors=(error,))))

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        return [shape(value[0])] if isinstance(value, list) else None

    assert shape(shown) == shape(made)


def test_the_code_of_the_api_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("import peft\n")
    monkeypatch.chdir(tmp_path)
    for block in blocks(text_of("api.md")):
        if block.language == "python":
            exec(compile(block.body, "api.md", "exec"), {"__name__": "page"})
