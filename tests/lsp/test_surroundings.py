"""Settings of the project and of the editor, and what happens when they change."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from lsp_editor import capabilities, editing
from lsprotocol import types
from test_server import FOUNDING, HARMLESS, codes

from peftlint.cli import run


def changed(path: Path) -> types.DidChangeWatchedFilesParams:
    return types.DidChangeWatchedFilesParams([types.FileEvent(path.as_uri(), types.FileChangeType.Changed)])


def test_the_configuration_counts_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    configuration = tmp_path / "peftlint.toml"
    configuration.write_text('ignore = ["PEFT101"]\n')

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            assert await editor.diagnostics(uri) == []
            await editor.until(lambda: types.WORKSPACE_DID_CHANGE_WATCHED_FILES in editor.registered)
            configuration.write_text("")
            editor.workspace_did_change_watched_files(changed(configuration))
            await editor.until(lambda: codes(editor.published[uri].diagnostics) == ["PEFT101"])
            configuration.write_text('ignroe = ["PEFT101"]\n')
            editor.workspace_did_change_watched_files(changed(configuration))
            await editor.until(lambda: editor.messages)
            assert "peftlint.toml:1" in editor.messages[0] and "ignroe" in editor.messages[0]
            assert codes(editor.published[uri].diagnostics) == ["PEFT101"]

    asyncio.run(session())


def test_the_settings_of_the_editor_win_and_may_change(tmp_path: Path) -> None:
    async def session() -> None:
        options = {"settings": {"severity": {"PEFT101": "info"}}}
        async with editing(tmp_path, options=options) as editor:
            uri = editor.open("serve.py", FOUNDING)
            await editor.until(
                lambda: (
                    uri in editor.published and [d.severity for d in editor.published[uri].diagnostics] == [3]
                )
            )
            editor.settings = {"settings": {"ignore": ["PEFT101"]}}
            editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await editor.until(lambda: not editor.published[uri].diagnostics)
            editor.settings = {"settings": {"ignore": ["PEFT9999"]}}
            editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await editor.until(lambda: editor.messages)
            assert "PEFT9999" in editor.messages[0]

    asyncio.run(session())


def test_a_client_that_cannot_be_asked_sends_its_settings(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path, capabilities(config=False, watch=False)) as editor:
            uri = editor.open("serve.py", FOUNDING)
            assert codes(await editor.diagnostics(uri)) == ["PEFT101"]
            sent = types.DidChangeConfigurationParams({"peftlint": {"enable": False}})
            editor.workspace_did_change_configuration(sent)
            await editor.until(lambda: not editor.published[uri].diagnostics)

    asyncio.run(session())


def test_an_editor_that_refuses_what_it_says_it_can_do_is_served_all_the_same(tmp_path: Path) -> None:
    """Emacs 28 with eglot 1.9 fails to watch the files that it is asked to watch."""

    async def session() -> None:
        options = {"settings": {"severity": {"PEFT101": "info"}}}
        async with editing(tmp_path, capabilities(pull=True), options, refuses=True) as editor:
            await editor.until(lambda: len(editor.log) >= 2)
            uri = editor.open("serve.py", FOUNDING)
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            [found] = (await editor.text_document_diagnostic_async(params)).items
            assert found.severity == types.DiagnosticSeverity.Information
            assert editor.messages == [] and all("refuses" in line for line in editor.log)

    asyncio.run(session())


def test_the_releases_in_use_are_read_again(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("peft==0.4.0\n")
    text = "from peft import prepare_model_for_int8_training\n"

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("train.py", text)
            await editor.diagnostics(uri)
            requirements.write_text("peft==0.17.0\n")
            editor.workspace_did_change_watched_files(changed(requirements))
            await editor.until(lambda: codes(editor.published[uri].diagnostics) == ["PEFT901"])

    asyncio.run(session())


def test_excluded_files_and_markdown_are_left_alone_as_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.peftlint]\nextend-exclude = ["old"]\n')
    page = f"```python\n{FOUNDING}```\n"

    async def session() -> None:
        async with editing(tmp_path) as editor:
            assert await editor.diagnostics(editor.open("old/serve.py", FOUNDING)) == []
            markdown = editor.open("page.md", page, "markdown")
            assert await editor.diagnostics(markdown) == []
            (tmp_path / "pyproject.toml").write_text("[tool.peftlint]\nmarkdown = true\n")
            editor.workspace_did_change_watched_files(changed(tmp_path / "pyproject.toml"))
            await editor.until(lambda: codes(editor.published[markdown].diagnostics) == ["PEFT101"])
            assert editor.published[markdown].diagnostics[0].range.start.line == 5

    asyncio.run(session())


def test_what_the_baseline_covers_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "peftlint.toml").write_text('baseline = "known.json"\n')
    (tmp_path / "serve.py").write_text(FOUNDING)
    run(["--write-baseline", "serve.py"])
    assert len(json.loads((tmp_path / "known.json").read_text())["findings"]) == 1
    second = FOUNDING.replace("math", "code").replace("model", "other")

    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("serve.py", FOUNDING)
            assert await editor.diagnostics(uri) == []
            editor.change(uri, FOUNDING + second)
            [new] = await editor.diagnostics(uri)
            assert new.range.start.line == 7 + 4

    asyncio.run(session())


def test_a_document_that_imports_nothing_of_interest_is_not_parsed(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            uri = editor.open("broken.py", HARMLESS + "def (:\n")
            assert await editor.diagnostics(uri) == []

    asyncio.run(session())
