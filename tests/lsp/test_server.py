"""The language server, asked by a real client over standard input and output."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsp_editor import StaleEdit, capabilities, editing, line_range
from lsprotocol import types
from pygls.exceptions import JsonRpcException

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


def test_a_stale_edit_is_refused(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            fix = fix_among(await editor.actions(uri, line_range(4)))
            editor.change(uri, "# a new line above\n" + FOUNDING)
            with pytest.raises(JsonRpcException):
                await editor.choose(fix)
            assert editor.texts[uri] == "# a new line above\n" + FOUNDING

    asyncio.run(session())


def test_an_edit_that_was_sent_at_once_names_the_version_it_is_for(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(resolve=False)) as editor:
            uri = editor.open("serve.py", FOUNDING)
            fix = fix_among(await editor.actions(uri, line_range(4)))
            assert fix.edit is not None
            editor.change(uri, FOUNDING + "\n")
            with pytest.raises(StaleEdit):
                await editor.choose(fix)
            await editor.choose(fix_among(await editor.actions(uri, line_range(4))))
            assert editor.texts[uri] == FIXED + "\n"

    asyncio.run(session())


def test_a_client_without_versioned_edits_gets_plain_ones(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(versioned=False)) as editor:
            uri = editor.open("serve.py", FOUNDING)
            await editor.choose(fix_among(await editor.actions(uri, line_range(4))))
            assert editor.texts[uri] == FIXED

    asyncio.run(session())


def test_positions_count_utf_16_units(tmp_path: Path) -> None:
    text = FOUNDING.replace("model.add", 'print("😀 é"); model.add').replace("\n", "\r\n")

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", text)
            [found] = await editor.diagnostics(uri)
            assert found.range.start == types.Position(4, len('print("xx é"); '))
            await editor.choose(fix_among(await editor.actions(uri, found.range)))
            wanted = FIXED.replace("model.load", 'print("😀 é"); model.load').replace("\n", "\r\n")
            assert editor.texts[uri] == wanted

    asyncio.run(session())


def test_changes_after_a_form_feed_keep_the_texts_alike(tmp_path: Path) -> None:
    text = "import os\n\x0c\nname = 'a\u2028b'\n" + FOUNDING

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", text)
            [found] = await editor.diagnostics(uri)
            assert found.range.start.line == 7
            editor.type(uri, types.Range(types.Position(0, 0), types.Position(0, 0)), "import sys\n")
            [found] = await editor.diagnostics(uri)
            assert found.range.start.line == 8
            await editor.choose(fix_among(await editor.actions(uri, found.range)))
            assert editor.texts[uri] == "import sys\nimport os\n\x0c\nname = 'a\u2028b'\n" + FIXED

    asyncio.run(session())


def test_everything_safe_is_fixed_at_once(tmp_path: Path) -> None:
    second = 'model.add_adapter(PeftConfig.from_pretrained("adapters/code"), adapter_name="code")\n'
    text = FOUNDING.replace("model.set", second + "model.set")

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", text)
            actions = await editor.actions(uri, line_range(0), ["source.fixAll"])
            [fix_all] = actions.values()
            assert fix_all.kind == "source.fixAll.peftlint"
            await editor.choose(fix_all)
            loaded = 'model.load_adapter("adapters/code", adapter_name="code")\n'
            assert editor.texts[uri] == FIXED.replace("model.set", loaded + "model.set")
            assert await editor.diagnostics(uri) == []
            assert await editor.actions(uri, line_range(0), ["source.fixAll"]) == {}

    asyncio.run(session())


def test_a_finding_is_ignored_here(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            actions = await editor.actions(uri, line_range(4))
            await editor.choose(actions["Ignore add-adapter-from-pretrained here"])
            line = editor.texts[uri].split("\n")[4]
            assert line.endswith('="math")  # peftlint: ignore[add-adapter-from-pretrained]')
            assert await editor.diagnostics(uri) == []

    asyncio.run(session())


def test_the_page_of_a_rule_is_opened(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            actions = await editor.actions(uri, line_range(4))
            command = actions["Open the page of add-adapter-from-pretrained"].command
            assert command is not None
            await editor.workspace_execute_command_async(
                types.ExecuteCommandParams(command.command, command.arguments)
            )
            assert [page.rsplit("/", 2)[-2] for page in editor.opened_pages] == [
                "add-adapter-from-pretrained"
            ]

    asyncio.run(session())


def test_hover_shows_the_trace_and_the_page(tmp_path: Path) -> None:
    second = 'model.add_adapter(PeftConfig.from_pretrained("b"))  # peftlint: ignore[PEFT101]\n'
    text = FOUNDING + second

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", text)

            async def shown(line: int, character: int) -> str:
                params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
                hover = await editor.text_document_hover_async(params)
                return hover.contents.value if hover is not None else ""

            page = await shown(4, 10)
            assert "- line " in page and "Why is this bad?" in page and "PEFT101" in page
            assert "# add-adapter-from-pretrained (PEFT101)" in await shown(7, second.index("PEFT101"))
            assert await shown(7, 5) == await shown(3, 5) == ""

    asyncio.run(session())


def test_diagnostics_are_pulled_and_not_pushed_as_well(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(pull=True)) as editor:
            uri = editor.open("serve.py", FOUNDING)

            async def pull(
                previous: str | None = None,
            ) -> types.DocumentDiagnosticReport:
                return await editor.text_document_diagnostic_async(
                    types.DocumentDiagnosticParams(
                        types.TextDocumentIdentifier(uri), previous_result_id=previous
                    )
                )

            await editor.until(lambda: editor.refreshes)  # after the settings were read
            full = await pull()
            assert codes(full.items) == ["PEFT101"]
            assert isinstance(await pull(full.result_id), types.RelatedUnchangedDocumentDiagnosticReport)
            editor.change(uri, FIXED)
            assert not (await pull(full.result_id)).items
            assert editor.published == {}

    asyncio.run(session())


def test_a_request_that_is_cancelled_is_answered_as_such_and_the_server_goes_on(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(pull=True)) as editor:
            uri = editor.open("serve.py", FOUNDING)
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            waiting = editor.protocol.send_request(types.TEXT_DOCUMENT_DIAGNOSTIC, params, msg_id="first")
            editor.cancel_request(types.CancelParams("first"))
            with pytest.raises(JsonRpcException) as error:
                await asyncio.wrap_future(waiting)
            assert error.value.code == types.LSPErrorCodes.RequestCancelled
            assert codes((await editor.text_document_diagnostic_async(params)).items) == ["PEFT101"]

    asyncio.run(session())


def test_of_quick_changes_only_the_last_is_published(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(config=False, watch=False)) as editor:
            uri = editor.open("serve.py", HARMLESS)
            await editor.diagnostics(uri)
            for number in range(20):
                editor.change(uri, f"# {number}\n" + FOUNDING)
            assert codes(await editor.diagnostics(uri)) == ["PEFT101"]
            # nothing was published for the versions in between, and nothing is for them afterwards
            assert editor.versions[uri] == 21
            assert editor.published[uri].version == 21

    asyncio.run(session())


def test_a_closed_document_shows_nothing(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            assert await editor.diagnostics(uri)
            editor.text_document_did_close(
                types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
            )
            await editor.until(lambda: not editor.published[uri].diagnostics)

    asyncio.run(session())


@pytest.mark.parametrize(("shown", "found"), [(True, ["syntax-error"]), (False, [])])
def test_a_syntax_error_is_shown_unless_that_is_switched_off(
    tmp_path: Path, shown: bool, found: list[str]
) -> None:
    async def session() -> None:
        async with editing(tmp_path, options={"showSyntaxErrors": shown}) as editor:
            uri = editor.open("serve.py", HARMLESS)
            await editor.diagnostics(uri)
            editor.change(uri, FOUNDING + "def (:\n")
            assert codes(await editor.diagnostics(uri)) == found
            assert await editor.actions(uri, line_range(4)) == {}
            editor.change(uri, FOUNDING)
            assert codes(await editor.diagnostics(uri)) == ["PEFT101"]

    asyncio.run(session())


def test_documents_without_a_file_and_without_adapters(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            untitled = editor.open("untitled:Untitled-1", FOUNDING)
            assert codes(await editor.diagnostics(untitled)) == ["PEFT101"]
            await editor.choose(fix_among(await editor.actions(untitled, line_range(4))))
            assert editor.texts[untitled] == FIXED
            assert await editor.diagnostics(editor.open("other.py", HARMLESS)) == []

    asyncio.run(session())


def test_an_imported_module_counts(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "from peft import PeftModel\n\n\ndef load(base):\n    return PeftModel.from_pretrained(base, 'a')\n"
    )
    text = (
        "from transformers import AutoModelForCausalLM\n"
        "from models import load\n\n"
        "model = load(AutoModelForCausalLM.from_pretrained('base'))\n"
        "model.merge_and_unload()\n"
        "model.save_pretrained('out')\n"
    )

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("main.py", text)
            assert codes(await editor.diagnostics(uri)) == ["PEFT501"]

    asyncio.run(session())
