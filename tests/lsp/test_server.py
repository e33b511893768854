"""The language server, asked by a real client over standard input and output."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsp_editor import editing, line_range
from lsprotocol import types

FOUNDING = """\
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
model.set_adapter("math")
print(model.generate(inputs))
"""
FIXED = """\
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.load_adapter("adapters/math", adapter_name="math")
model.set_adapter("math")
print(model.generate(inputs))
"""
HARMLESS = "print('nothing to do with adapters')\n"


def codes(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(diagnostic.code) for diagnostic in diagnostics]


def fix_among(actions: dict[str, types.CodeAction]) -> types.CodeAction:
    [fix] = [action for action in actions.values() if action.is_preferred]
    return fix


def test_findings_of_an_unsaved_buffer_are_pushed_with_their_trace(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)  # there is no such file
            [found] = await editor.diagnostics(uri)
            assert (found.code, found.source, found.severity) == ("PEFT101", "peftlint", 1)
            assert found.range.start == types.Position(4, 0)
            assert found.code_description.href.endswith("/rules/add-adapter-from-pretrained/")
            assert found.related_information
            assert {step.location.uri for step in found.related_information} == {uri}

    asyncio.run(session())


def test_a_fix_is_applied_to_an_unsaved_buffer_and_the_finding_is_gone(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            await editor.choose(fix_among(await editor.actions(uri, line_range(4))))
            assert editor.texts[uri] == FIXED
            assert await editor.diagnostics(uri) == []
            assert not (tmp_path / "serve.py").exists()

    asyncio.run(session())


def test_other_lines_offer_no_fix_for_it(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            actions = await editor.actions(uri, line_range(1), ["quickfix"])
            assert actions == {}

    asyncio.run(session())
