"""Which request of an editor is answered by what, and when open documents are checked.

A client that pulls diagnostics gets them when it asks; to others they are pushed a moment after the last change.
Notebooks are always pushed: what a cell says depends on those before it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from peftlint import __version__
from peftlint.files import bytes_of
from peftlint.lsp import actions
from peftlint.lsp.analysis import Analysis, CannotFix, Finding
from peftlint.lsp.checks import Checks, Superseded
from peftlint.lsp.client import Client
from peftlint.lsp.documents import ExactWorkspace, Snapshot, snapshot
from peftlint.lsp.edits import workspace_edit
from peftlint.lsp.hover import hover
from peftlint.lsp.protocol import diagnostic_of, error_of
from peftlint.lsp.workspace import Surroundings
from peftlint.sources.text import split_lines

T = TypeVar("T")
#: seconds of rest after a change before a document is checked
PAUSE = 0.2
#: of a request that cannot be answered for the text as it is now (LSP 3.17, ErrorCodes)
SERVER_CANCELLED, REQUEST_FAILED = -32802, -32803
WATCHED = ("**/*.py", "**/*.toml", "**/*.lock", "**/*.cfg", "**/requirements*.txt", "**/environment*.y*ml")

_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook("*", [types.NotebookCellLanguage("python")])], save=True
)


class PeftlintServer(LanguageServer):
    """The server and its state: what is known around documents, and the checks."""

    def __init__(self) -> None:
        super().__init__("peftlint", __version__, notebook_document_sync=_NOTEBOOKS)
        self.around = Surroundings(self.folders, self._later(self._show))
        self.checks = Checks(self.around, self._later(self._log))
        self.client = Client(types.ClientCapabilities())
        self.initial: dict[str, Any] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, params: types.InitializeParams) -> None:
        """The client has introduced itself."""
        self._loop = asyncio.get_running_loop()
        given = self.workspace
        folders = list(given.folders.values())
        self.protocol._workspace = ExactWorkspace(
            given.root_uri, types.TextDocumentSyncKind.Incremental, folders, given.position_encoding
        )
        self.client = Client(params.capabilities)
        options = params.initialization_options
        self.initial = dict(options) if isinstance(options, dict) else {}

    def folders(self) -> list[str]:
        """Paths of the workspace's folders."""
        uris = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri or ""]
        return [
            os.path.normpath(path) for uri in uris if uri.startswith("file:") and (path := to_fs_path(uri))
        ]

    def _later(self, send: Callable[[str], None]) -> Callable[[str], None]:
        """The same for any thread: sent from the one that serves."""

        def say(message: str) -> None:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(send, message)

        return say

    def _show(self, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"peftlint: {message}"))

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    async def ask(self, request: Awaitable[T]) -> T | None:
        """The editor's answer, None if it has none: it may say that it can do a thing, and then refuse."""
        try:
            return await request
        except JsonRpcException as refusal:
            self._log(f"peftlint: the editor refuses a request: {refusal}")
            return None

    # What is open

    def snapshot(self, uri: str) -> Snapshot | None:
        """The open document, as it is now."""
        return snapshot(self.workspace, uri)

    def current(self, taken: Snapshot) -> bool:
        """Whether the document still is as it was when the snapshot was taken."""
        now = self.snapshot(taken.uri)
        return now is not None and now.versions == taken.versions

    async def analysis(self, uri: str) -> Analysis | None:
        """The findings in an open document. Raises `JsonRpcException` if it changed meanwhile."""
        taken = self.snapshot(uri)
        if taken is None:
            return None
        try:
            analysis = await self.checks.of(taken)
        except Superseded:
            raise _ask_again() from None
        if not self.current(taken):
            raise _ask_again()
        return analysis

    def open_documents(self) -> list[str]:
        """URIs of open documents and notebooks (for these not of their cells)."""
        notebooks = [notebook.uri for notebook in self.workspace.notebook_documents.values()]
        texts = [document.uri for document in self.workspace.text_documents.values()]
        return notebooks + [
            uri for uri in texts if self.workspace.get_notebook_document(cell_uri=uri) is None
        ]

    # Diagnostics

    def diagnostics(self, analysis: Analysis) -> dict[str, list[types.Diagnostic]]:
        """Diagnostics by URI, for the document or each of its cells."""
        taken = analysis.snapshot
        found: dict[str, list[types.Diagnostic]] = {part.uri: [] for part in taken.parts}
        for finding in analysis.findings:
            part = taken.part(finding.shown.cell)
            if part is not None:
                found[part.uri].append(self.diagnostic(finding, taken))
        for error in analysis.errors if self.around.options.show_syntax_errors else ():
            part = taken.part(error.cell) or (taken.parts[0] if taken.parts else None)
            if part is not None:
                found[part.uri].append(error_of(error, taken, self.workspace.position_codec))
        return found

    def diagnostic(self, finding: Finding, taken: Snapshot) -> types.Diagnostic:
        codec = self.workspace.position_codec
        return diagnostic_of(finding.shown, taken, codec, self.lines_of, self.client.related_information)

    def lines_of(self, path: str) -> list[str]:
        """The lines of another file, as the editor has it or else from the disk; none if it cannot be read."""
        for document in self.workspace.text_documents.values():
            if document.path == path:
                return list(document.lines)
        try:
            return split_lines(bytes_of(path).decode("utf-8", "replace"))
        except OSError:
            return []

    def schedule(self, uri: str, pause: float = 0) -> None:
        """Check a document that is pushed, when it has not changed for a while."""
        notebook = self.workspace.get_notebook_document(notebook_uri=uri)
        if notebook is None and self.client.pulls:
            return
        waiting = self._tasks.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        task = asyncio.ensure_future(self._push(uri, pause))
        self._tasks[uri] = task
        task.add_done_callback(lambda done: self._tasks.get(uri) is done and self._tasks.pop(uri))

    async def _push(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        taken = self.snapshot(uri)
        if taken is None:
            return
        try:
            analysis = await self.checks.of(taken)
        except Superseded:
            return
        if not self.current(taken):
            return
        for part_uri, diagnostics in self.diagnostics(analysis).items():
            params = types.PublishDiagnosticsParams(part_uri, diagnostics, taken.versions[part_uri])
            self.text_document_publish_diagnostics(params)

    def closed(self, uri: str, shown: list[str]) -> None:
        """A document is closed: nothing is said of it any more."""
        waiting = self._tasks.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self.checks.forget(uri)
        for part_uri in shown:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(part_uri, []))

    async def again(self) -> None:
        """Check all open documents again: what is around them has changed."""
        for uri in self.open_documents():
            self.schedule(uri)
        if self.client.pulls and self.client.refreshes:
            await self.ask(self.workspace_diagnostic_refresh_async(None))

    # Settings

    async def configure(self, sent: Any = None) -> None:
        """Take over the editor's settings: those it was started with, and the section "peftlint" on top."""
        values = sent.get("peftlint", sent) if isinstance(sent, dict) else None
        if self.client.configuration:
            item = types.ConfigurationItem(section="peftlint")
            answer = await self.ask(self.workspace_configuration_async(types.ConfigurationParams([item])))
            values = answer[0] if answer else None
        own = values if isinstance(values, dict) else {}
        await self.checks.change(self.around.configure, {**self.initial, **own})
        await self.again()

    # Edits

    async def edit(self, analysis: Analysis, data: dict[str, Any]) -> types.WorkspaceEdit:
        """The edit of an action. Raises `JsonRpcException` where it cannot be, or not any more."""
        try:
            texts = await self.checks.run(actions.texts_of, analysis, data)
        except CannotFix as reason:
            raise JsonRpcException(f"peftlint cannot do this: {reason}", REQUEST_FAILED) from None
        if not self.current(analysis.snapshot):
            raise JsonRpcContentModified()
        codec = self.workspace.position_codec
        return workspace_edit(analysis.snapshot, texts, codec, self.client.versioned_edits)

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """What can be done about the findings in a range."""
        analysis = await self.analysis(params.text_document.uri)
        if analysis is None:
            return None
        here = self.findings_in(analysis, params.text_document.uri, params.range)
        shown = [(finding, self.diagnostic(finding, analysis.snapshot)) for finding in here]
        found = []
        for action in actions.offered(analysis, shown, params.context.only, self.client.shows_documents):
            if action.data is not None and not self.client.resolves_edits:
                try:
                    action.edit = await self.edit(analysis, action.data)
                except JsonRpcException as error:
                    if error.code != REQUEST_FAILED:
                        raise
                    continue
                action.data = None
            found.append(action)
        return found

    def findings_in(self, analysis: Analysis, uri: str, where: types.Range) -> list[Finding]:
        """The findings in a part of the document that touch a range."""
        part = analysis.snapshot.part_at(uri)
        if part is None:
            return []
        found = []
        for finding in analysis.findings:
            if finding.shown.cell == part.cell:
                own = self.diagnostic(finding, analysis.snapshot).range
                if _key(own.start) <= _key(where.end) and _key(where.start) <= _key(own.end):
                    found.append(finding)
        return found

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is shown at a position."""
        uri = params.text_document.uri
        analysis = await self.analysis(uri)
        part = analysis.snapshot.part_at(uri) if analysis is not None else None
        if analysis is None or part is None:
            return None
        findings = self.findings_in(analysis, uri, types.Range(params.position, params.position))
        codec = self.workspace.position_codec
        return hover(analysis.snapshot, part, params.position, findings, codec)

    def shutdown(self) -> None:
        self.checks.close()
        super().shutdown()  # type: ignore[no-untyped-call]


def _ask_again() -> JsonRpcException:
    return JsonRpcException("the document has changed", SERVER_CANCELLED, {"retriggerRequest": True})


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def start() -> int:
    """Serve on standard input and output until the client is done; gives the exit code."""
    from peftlint.lsp.features import register

    if not os.environ.get("PEFTLINT_TRACEBACK"):
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = PeftlintServer()
    register(server)
    server.start_io()
    return 0
