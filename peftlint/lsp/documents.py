"""What the editor holds, frozen for one check: a text document, or a notebook with its cells."""

from __future__ import annotations

import io
import json
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument, Workspace

from peftlint.sources import kind_of
from peftlint.sources.text import split_lines

#: language of a document, as editors name it -> kind of file
KINDS = {
    "python": "python",
    "markdown": "markdown",
    "quarto": "markdown",
    "restructuredtext": "rst",
    "rst": "rst",
}


class ExactDocument(TextDocument):
    """A document whose lines end where the protocol says (pygls also ends them at form feeds and the like)."""

    @property
    def lines(self) -> Sequence[str]:
        return tuple(split_lines(self.source))


class ExactWorkspace(Workspace):
    """A workspace of such documents."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> TextDocument:
        return ExactDocument(
            doc_uri,
            source,
            version,
            language_id,
            sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )


@dataclass(frozen=True)
class Part:
    """A text of the snapshot: the document itself (`cell` None) or a cell, counted among all cells."""

    uri: str
    version: int | None
    text: str
    cell: int | None = None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(split_lines(self.text))


@dataclass(frozen=True)
class Snapshot:
    """A document as it was when it was asked for. Edits made from it are meant for these versions only."""

    uri: str
    #: where the file lies; for a document that was never saved, its name
    path: str
    kind: str
    saved: bool
    raw: bytes
    parts: tuple[Part, ...]

    @cached_property
    def versions(self) -> dict[str, int | None]:
        return {part.uri: part.version for part in self.parts}

    def part(self, cell: int | None) -> Part | None:
        return next((part for part in self.parts if part.cell == cell), None)

    def part_at(self, uri: str) -> Part | None:
        return next((part for part in self.parts if unquote(part.uri) == unquote(uri)), None)


def snapshot(workspace: Workspace, uri: str) -> Snapshot | None:
    """The open document at `uri`, or the notebook that it is or belongs to; None if that is not for peftlint."""
    notebook = workspace.get_notebook_document(notebook_uri=uri) or workspace.get_notebook_document(
        cell_uri=uri
    )
    if notebook is not None:
        return _of_notebook(workspace, notebook)
    document = workspace.text_documents.get(unquote(uri))
    if document is None:
        return None
    path, saved = _path(uri)
    language = document.language_id or ""
    kind = KINDS.get(language) or kind_of(path)
    if kind == "notebook" or (
        kind == "python" and language != "python" and not path.endswith((".py", ".pyi"))
    ):
        return None  # the JSON of a notebook, or a language that is none of ours
    part = Part(document.uri, document.version, document.source)
    return Snapshot(document.uri, path, kind, saved, _encoded(part.text, kind), (part,))


def _of_notebook(workspace: Workspace, notebook: types.NotebookDocument) -> Snapshot:
    path, saved = _path(notebook.uri)
    parts: list[Part] = []
    cells = []
    for index, cell in enumerate(notebook.cells):
        document = workspace.text_documents.get(unquote(cell.document))
        text = document.source if document is not None else ""
        code = cell.kind == types.NotebookCellKind.Code
        language = (document.language_id if document is not None else None) or "python"
        cells.append(
            {
                "cell_type": "code" if code else "markdown",
                "metadata": {"vscode": {"languageId": language}},
                "source": text,
            }
        )
        if document is not None:
            parts.append(Part(document.uri, document.version, text, index))
    document_of_cells = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    # Escapes keep apart what UTF-8 cannot carry; nobody reads this text but the reader of notebooks.
    raw = json.dumps(document_of_cells).encode("ascii")
    return Snapshot(notebook.uri, path, "notebook", saved, raw, tuple(parts))


def _path(uri: str) -> tuple[str, bool]:
    """The path of a file, or a name that stands for a document without one; and which of the two."""
    if uri.startswith("file:"):
        path = to_fs_path(uri)
        if path is not None:
            return path, True
    return unquote(uri.partition(":")[2]) or uri, False


def _encoded(text: str, kind: str) -> bytes:
    """The bytes that the file would have. A declared encoding counts, as it does for Python."""
    raw = text.encode("utf-8", "replace")
    if kind != "python":
        return raw
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw if encoding == "utf-8" else text.encode(encoding)
    except (SyntaxError, UnicodeEncodeError):
        return raw
