"""Notebooks in the language server: the cells are one program, and each has its own positions and edits."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsp_editor import capabilities, editing, line_range
from lsprotocol import types

CELLS = (
    "!pip install peft==0.17.0\nfrom peft import PeftConfig\nfrom transformers import AutoModelForCausalLM",
    'model = AutoModelForCausalLM.from_pretrained("base")',
    '# 😀\nmodel.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")\n',
    'model.set_adapter("math")\nprint(model.generate(inputs))',
)


def test_findings_steps_and_fixes_are_in_their_cells(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            _, cells = editor.open_notebook("demo.ipynb", *CELLS)
            [found] = await editor.diagnostics(cells[2])
            assert (found.code, found.range.start.line) == ("PEFT101", 1)
            assert [await editor.diagnostics(cells[n]) for n in (0, 1, 3)] == [[], [], []]
            steps = {step.location.uri for step in found.related_information or []}
            assert {cells[2], cells[3]} <= steps
            actions = await editor.actions(cells[2], found.range)
            [fix] = [action for action in actions.values() if action.is_preferred]
            await editor.choose(fix)
            assert (
                editor.texts[cells[2]] == '# 😀\nmodel.load_adapter("adapters/math", adapter_name="math")\n'
            )
            assert "PeftConfig" not in editor.texts[cells[0]]
            assert editor.texts[cells[0]].startswith("!pip install peft==0.17.0\n")

    asyncio.run(session())


def test_a_change_of_one_cell_is_felt_in_another(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(pull=True)) as editor:
            notebook, cells = editor.open_notebook("demo.ipynb", *CELLS)
            assert await editor.diagnostics(cells[2])  # notebooks are pushed to clients that pull, too
            editor.change_cell(notebook, cells[3], "model.load_adapter('adapters/math', 'math')\n")
            await editor.until(lambda: not editor.published[cells[2]].diagnostics)
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(cells[2]))
            assert not (await editor.text_document_diagnostic_async(params)).items

    asyncio.run(session())


def test_a_cell_that_is_deleted_shows_nothing(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            notebook, cells = editor.open_notebook("demo.ipynb", *CELLS)
            assert await editor.diagnostics(cells[2])
            editor.remove_cell(notebook, cells[2], 2)
            await editor.until(lambda: not editor.published[cells[2]].diagnostics)
            assert await editor.actions(cells[3], line_range(0)) == {}

    asyncio.run(session())


def test_a_cell_that_does_not_parse_says_so_and_stops_only_itself(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            notebook, cells = editor.open_notebook("demo.ipynb", *CELLS, "def (:")
            [found] = await editor.diagnostics(cells[2])
            assert found.code == "PEFT101"
            [broken] = await editor.diagnostics(cells[4])
            assert (broken.code, broken.range.start) == ("syntax-error", types.Position(0, 4))
            # what the cell may do to the model while it is being typed is not known
            editor.change_cell(notebook, cells[3], CELLS[3])
            editor.change_cell(notebook, cells[4], "")
            editor.change_cell(notebook, cells[3], "model.load_adapter(")
            await editor.until(lambda: not editor.published[cells[2]].diagnostics)
            editor.change_cell(notebook, cells[3], CELLS[3])
            editor.change_cell(notebook, cells[4], "def (:")
            await editor.until(lambda: editor.published[cells[2]].diagnostics)
            actions = await editor.actions(cells[2], found.range)
            [fix] = [action for action in actions.values() if action.is_preferred]
            await editor.choose(fix)
            assert "load_adapter" in editor.texts[cells[2]]
            assert editor.texts[cells[4]] == "def (:"

    asyncio.run(session())
