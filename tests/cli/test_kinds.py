"""Notebooks and Markdown pages through the command: positions, frames, fixes."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent

from cli_helpers import FOUNDING, Run


def notebook(*cells: str) -> str:
    code = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(True),
        }
        for cell in cells
    ]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# Two adapters"]}
    return json.dumps({"cells": [text, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def test_a_notebook(tree: Path, peftlint: Run) -> None:
    lines = FOUNDING.splitlines(True)
    file = tree / "n.ipynb"
    file.write_text(notebook("%pip install peft\n" + "".join(lines[:4]), "".join(lines[4:])))
    found = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
    assert [(d["cell"], d["line"], d["column"]) for d in found] == [(2, 1, 1), (2, 2, 1)]
    assert {edit["cell"] for d in found for edit in d["fix"]["edits"]} <= {1, 2}
    text = peftlint().out
    assert "--> n.ipynb:cell 2:1:1" in text and "^^^^" in text
    diff = peftlint("--diff").out
    assert "--- n.ipynb:cell 2\n" in diff and "+model.load_adapter(" in diff
    assert peftlint("--fix").code == 0
    cells = json.loads(file.read_text())["cells"]
    assert cells[1]["source"][0] == "%pip install peft\n"
    assert "".join(cells[2]["source"]).count("load_adapter") == 2


def test_a_markdown_page(tree: Path, peftlint: Run) -> None:
    first, last = "".join(FOUNDING.splitlines(True)[:4]), "".join(FOUNDING.splitlines(True)[4:])
    page = f"# PEFT\n\n```python\n{first}```\n\n- then\n\n  ```python\n{indent(last, '  ')}  ```\n"
    (tree / "page.md").write_text(page)
    assert peftlint().out == "No findings in 0 files.\n"
    found = json.loads(peftlint("page.md", "--output-format", "json").out)["diagnostics"]
    assert [(d["line"], d["column"]) for d in found] == [(13, 3), (14, 3)]
    text = peftlint("page.md").out
    assert (
        '13 | model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")\n   | ^^^^'
        in text
    )
    assert "16 | print(model.generate(inputs))\n   |       ^^" in text.replace("-", "^")
    assert peftlint("page.md", "--fix").code == 0
    assert "  model.load_adapter(" in (tree / "page.md").read_text()


def test_an_encoding_and_crlf_survive_fixing(tree: Path, peftlint: Run) -> None:
    raw = ("# -*- coding: latin-1 -*-\n# é\n" + FOUNDING).replace("\n", "\r\n").encode("latin-1")
    (tree / "a.py").write_bytes(raw)
    assert peftlint("--fix").code == 0
    fixed = (tree / "a.py").read_bytes()
    assert fixed.startswith(b"# -*- coding: latin-1 -*-\r\n# \xe9\r\n")
    assert fixed.count(b"\r\n") == fixed.count(b"\n") and fixed.count(b"load_adapter") == 2
