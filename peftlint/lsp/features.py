"""The methods of the protocol that the server answers."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from peftlint.lsp import actions
from peftlint.lsp.server import PAUSE, WATCHED, PeftlintServer


def register(server: PeftlintServer) -> None:
    """Give the server its features."""
    _lifecycle(server)
    _documents(server)
    _notebooks(server)
    _requests(server)


def _lifecycle(server: PeftlintServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        wanted = []
        if server.client.registers_watchers:
            watchers = [types.FileSystemWatcher(glob) for glob in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            wanted.append(
                types.Registration("peftlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            )
        if server.client.registers_configuration:
            section = types.DidChangeConfigurationRegistrationOptions(section="peftlint")
            wanted.append(
                types.Registration("peftlint-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section)
            )
        if wanted:
            await server.ask(server.client_register_capability_async(types.RegistrationParams(wanted)))
        await server.configure()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration_changed(params: types.DidChangeConfigurationParams) -> None:
        await server.configure(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        await server.checks.change(server.around.reload)
        await server.again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        await server.checks.change(server.around.reload)
        await server.again()


def _documents(server: PeftlintServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.schedule(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        # A client that watches files says so when the file is written.
        if not server.client.registers_watchers:
            await server.checks.change(server.around.reload)
            await server.again()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.closed(uri, [] if server.client.pulls else [uri])


def _notebooks(server: PeftlintServer) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        structure = cells.structure if cells is not None else None
        for removed in (structure.did_close or []) if structure is not None else []:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(removed.uri, []))
        server.schedule(params.notebook_document.uri, PAUSE)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        cells = [cell.uri for cell in params.cell_text_documents]
        server.closed(params.notebook_document.uri, cells)


def _requests(server: PeftlintServer) -> None:
    # What a document says depends on the modules that it imports.
    pulled = types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier="peftlint"
    )

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, pulled)
    async def diagnostics(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        uri = params.text_document.uri
        if server.workspace.get_notebook_document(cell_uri=uri) is not None:
            return types.RelatedFullDocumentDiagnosticReport([])  # pushed
        analysis = await server.analysis(uri)
        if analysis is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        result = f"{server.checks.epoch}.{analysis.snapshot.versions[analysis.snapshot.uri]}"
        if params.previous_result_id == result:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        found = server.diagnostics(analysis)[analysis.snapshot.uri]
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=result)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await server.hover(params)

    offers = types.CodeActionOptions(code_action_kinds=actions.KINDS, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, offers)
    async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        return await server.code_actions(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        data = action.data
        if not isinstance(data, dict) or "what" not in data:
            return action
        analysis = await server.analysis(data["uri"])
        if analysis is None or analysis.snapshot.versions != data["versions"]:
            raise JsonRpcContentModified("the document has changed since the action was offered")
        action.edit = await server.edit(analysis, data)
        return action

    @server.command(actions.OPEN_PAGE)
    async def open_page(code: str) -> None:
        from peftlint.diagnostics import page_url
        from peftlint.rules.registry import find

        url = page_url(code, find(code).name)
        await server.window_show_document_async(types.ShowDocumentParams(url, external=True))
