"""An editor as far as the protocol goes: a real client that speaks with `peftlint server` over pipes.

It holds texts, sends their changes, keeps what is published, and applies edits only to the versions that they name.
"""

from __future__ import annotations

import ast
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.client import LanguageClient

import peftlint

#: seconds; only a server that hangs ever gets there
PATIENCE = 30


def capabilities(**without: bool) -> types.ClientCapabilities:
    """What a modern editor can do; `pull=True` and the like add to it, `name=False` takes away."""
    has = {"pull": False, "versioned": True, "resolve": True, "related": True, "watch": True, "config": True}
    has |= without
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                related_information=has["related"], version_support=True
            ),
            diagnostic=types.DiagnosticClientCapabilities() if has["pull"] else None,
            code_action=types.CodeActionClientCapabilities(
                data_support=has["resolve"],
                resolve_support=types.ClientCodeActionResolveOptions(["edit"]) if has["resolve"] else None,
            ),
        ),
        notebook_document=types.NotebookDocumentClientCapabilities(
            types.NotebookDocumentSyncClientCapabilities()
        ),
        workspace=types.WorkspaceClientCapabilities(
            configuration=has["config"],
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=has["versioned"]),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                dynamic_registration=has["watch"]
            ),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        ),
        window=types.WindowClientCapabilities(
            show_document=types.ShowDocumentClientCapabilities(support=True)
        ),
    )


class StaleEdit(Exception):
    """An edit for another version of a document than the editor holds."""


class Editor(LanguageClient):
    def __init__(self, root: Path) -> None:
        super().__init__("test-editor", "1")
        self.root = root
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        #: the notebook of a cell
        self.notebooks: dict[str, str] = {}
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.times_published: dict[str, int] = {}
        self.messages: list[str] = []
        self.opened_pages: list[str] = []
        self.registered: list[str] = []
        self.refreshes = 0
        self.settings: dict[str, Any] | None = None
        #: it says that it can be asked, and then fails to answer, as Emacs does for some patterns of files
        self.refuses = False
        self.log: list[str] = []
        self._news = asyncio.Event()
        self._listen()

    def _listen(self) -> None:
        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published[params.uri] = params
            self.times_published[params.uri] = self.times_published.get(params.uri, 0) + 1
            self._news.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self._news.set()

        @self.feature(types.WINDOW_LOG_MESSAGE)
        def logged(params: types.LogMessageParams) -> None:
            self.log.append(params.message)
            self._news.set()

        @self.feature(types.WORKSPACE_CONFIGURATION)
        def configuration(params: types.ConfigurationParams) -> list[Any]:
            self._may_refuse()
            return [self.settings for _ in params.items]

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams) -> None:
            self._may_refuse()
            self.registered += [registration.method for registration in params.registrations]
            self._news.set()

        @self.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        def refresh(params: Any) -> None:
            self._may_refuse()
            self.refreshes += 1
            self._news.set()

        @self.feature(types.WINDOW_SHOW_DOCUMENT)
        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.opened_pages.append(params.uri)
            return types.ShowDocumentResult(success=True)

    def _may_refuse(self) -> None:
        if self.refuses:
            raise JsonRpcException("Internal error", JsonRpcInternalError.CODE)

    async def until(self, condition: Any) -> None:
        """Wait for news from the server that make the condition true."""

        async def wait() -> None:
            while not condition():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), PATIENCE)

    # Documents

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str, language: str = "python") -> str:
        uri = name if ":" in name else self.uri(name)
        self.texts[uri], self.versions[uri] = text, 1
        self.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return uri

    def change(self, uri: str, text: str) -> None:
        """The whole text is replaced, in one change without a range."""
        self._changed(uri, text, types.TextDocumentContentChangeWholeDocument(text))

    def type(self, uri: str, where: types.Range, new: str) -> None:
        """A part of the text is replaced."""
        text = applied(self.texts[uri], [types.TextEdit(where, new)])
        self._changed(uri, text, types.TextDocumentContentChangePartial(where, new))

    def _changed(self, uri: str, text: str, event: types.TextDocumentContentChangeEvent) -> None:
        self.texts[uri] = text
        self.versions[uri] += 1
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri), [event]
            )
        )

    def open_notebook(self, name: str, *cells: str) -> tuple[str, list[str]]:
        """Opens a notebook of code cells; gives its URI and those of the cells."""
        uri = self.uri(name)
        cell_uris = [uri.replace("file:", "vscode-notebook-cell:") + f"#{n}" for n in range(len(cells))]
        for cell_uri, text in zip(cell_uris, cells, strict=True):
            self.texts[cell_uri], self.versions[cell_uri] = text, 1
            self.notebooks[cell_uri] = uri
        kind = types.NotebookCellKind.Code
        notebook = types.NotebookDocument(
            uri, "jupyter-notebook", 1, [types.NotebookCell(kind, cell_uri) for cell_uri in cell_uris]
        )
        documents = [types.TextDocumentItem(cell, "python", 1, self.texts[cell]) for cell in cell_uris]
        self.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, documents))
        return uri, cell_uris

    def change_cell(self, notebook: str, cell: str, text: str) -> None:
        """The text of a cell is replaced."""
        self.texts[cell] = text
        self.versions[cell] += 1
        content = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(self.versions[cell], cell),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
        self._notebook_changed(notebook, types.NotebookDocumentCellChanges(text_content=[content]))

    def remove_cell(self, notebook: str, cell: str, index: int) -> None:
        """A cell is deleted."""
        structure = types.NotebookDocumentCellChangeStructure(
            types.NotebookCellArrayChange(index, 1), did_close=[types.TextDocumentIdentifier(cell)]
        )
        self._notebook_changed(notebook, types.NotebookDocumentCellChanges(structure))

    def _notebook_changed(self, notebook: str, cells: types.NotebookDocumentCellChanges) -> None:
        self.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(
                types.VersionedNotebookDocumentIdentifier(2, notebook),
                types.NotebookDocumentChangeEvent(cells=cells),
            )
        )

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """What is published for this version of a document (else: the one that the editor holds)."""
        wanted = version or self.versions[uri]
        await self.until(lambda: uri in self.published and self.published[uri].version == wanted)
        return list(self.published[uri].diagnostics)

    # Actions

    async def actions(
        self, uri: str, where: types.Range, only: list[str] | None = None
    ) -> dict[str, types.CodeAction]:
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), where, types.CodeActionContext([], only=only)
        )
        found = await asyncio.wait_for(self.text_document_code_action_async(params), PATIENCE)
        return {action.title: _action(action) for action in found or []}

    async def choose(self, action: types.CodeAction) -> None:
        """Do what an editor does when an action is chosen."""
        if action.edit is None and action.data is not None:
            action = await asyncio.wait_for(self.code_action_resolve_async(action), PATIENCE)
        if action.edit is not None:
            self.apply(action.edit)

    def apply(self, edit: types.WorkspaceEdit) -> None:
        changes = dict(edit.changes or {})
        for change in edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit)
            if change.text_document.version != self.versions[change.text_document.uri]:
                raise StaleEdit(change.text_document.uri)
            changes[change.text_document.uri] = list(change.edits)  # type: ignore[arg-type]
        for uri, edits in changes.items():
            text = applied(self.texts[uri], edits)
            if uri in self.notebooks:
                self.change_cell(self.notebooks[uri], uri, text)
            else:
                self.change(uri, text)


def _action(found: types.CodeAction | types.Command) -> types.CodeAction:
    """The action; lsprotocol takes one that has a command for the command itself, with its fields as text."""
    if isinstance(found, types.CodeAction):
        return found
    return types.CodeAction(found.title, command=types.Command(**ast.literal_eval(found.command)))


def applied(text: str, edits: Any) -> str:
    """The text with edits applied as the protocol says: UTF-16, lines ended by CR, LF or both."""
    raw = text.encode("utf-16-le")
    spans = [
        (_offset(text, edit.range.start), _offset(text, edit.range.end), edit.new_text) for edit in edits
    ]
    for start, end, new in sorted(spans, reverse=True):
        raw = raw[:start] + new.encode("utf-16-le") + raw[end:]
    return raw.decode("utf-16-le")


def _offset(text: str, position: types.Position) -> int:
    lines = text.replace("\r\n", "\0\n").replace("\r", "\n").replace("\0\n", "\r\n").split("\n")
    before = sum(len((line + "\n").encode("utf-16-le")) for line in lines[: position.line])
    assert position.line < len(lines), "no such line"
    line = lines[position.line].removesuffix("\r")
    assert position.character <= len(line.encode("utf-16-le")) // 2, "no such character"
    return before + 2 * position.character


def start_of(line: int) -> types.Range:
    """The empty range at the start of a line (counted from 0)."""
    return types.Range(types.Position(line, 0), types.Position(line, 0))


def line_range(line: int) -> types.Range:
    """A whole line (counted from 0)."""
    return types.Range(types.Position(line, 0), types.Position(line + 1, 0))


@asynccontextmanager
async def editing(
    root: Path,
    client: types.ClientCapabilities | None = None,
    options: dict[str, Any] | None = None,
    installed: Path | None = None,
    refuses: bool = False,
) -> AsyncIterator[Editor]:
    """An editor with the folder `root` open, and its server; both are gone afterwards.

    The server is this very peftlint, or the command `installed`.
    """
    editor = Editor(root)
    editor.refuses = refuses
    command = [str(installed)] if installed is not None else [sys.executable, "-m", "peftlint"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if installed is None:
        environment["PYTHONPATH"] = str(Path(peftlint.__file__).parents[1])
    await editor.start_io(*command, "server", env=environment, cwd=root)
    folder = types.WorkspaceFolder(root.as_uri(), root.name)
    params = types.InitializeParams(
        capabilities=client or capabilities(),
        process_id=os.getpid(),
        root_uri=root.as_uri(),
        workspace_folders=[folder],
        initialization_options=options,
    )
    await asyncio.wait_for(editor.initialize_async(params), PATIENCE)
    editor.initialized(types.InitializedParams())
    try:
        yield editor
    finally:
        await asyncio.wait_for(editor.shutdown_async(None), PATIENCE)
        editor.exit(None)
        await asyncio.wait_for(editor.stop(), PATIENCE)
