"""Jupyter notebooks (nbformat 4): the code cells in order are one program.

A cell that does not parse stops only itself in IPython; here it is noted (`notes`), and a line stands in for it
that leaves unknown whatever the cell may touch (`peftlint.sources.broken`). Only if not one code cell parses is
the notebook an error. Cells in other languages (`%%bash`, R kernels) are left out silently. The index of a cell
counts all cells, code or not.

An edit changes nothing of the JSON but the characters of the `source` strings that it touches.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peftlint.diagnostics import Edit, FileError
from peftlint.sources.base import EditError, SourceError
from peftlint.sources.cells import Cell, in_order, lines_of_cell
from peftlint.sources.json_text import Value, members, skip_space, strings_of, value_at
from peftlint.sources.program import Line, Program, Splice
from peftlint.sources.text import Positions

#: an escape of a character beyond ASCII
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")
_PYTHON = re.compile(r"i?python|xpython|sage|xeus", re.IGNORECASE)


@dataclass(frozen=True)
class Notebook:
    path: str
    raw: bytes
    cells: tuple[Cell, ...]
    program: Program | None
    notes: tuple[FileError, ...] = ()

    @property
    def sources(self) -> tuple[Program, ...]:
        return (self.program,) if self.program is not None else ()

    @property
    def kind(self) -> str:
        return "notebook"

    @property
    def texts(self) -> list[tuple[int | None, str]]:
        return [(cell.index, cell.source) for cell in self.cells]

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8-sig")

    def edited(self, edits: Mapping[int, Sequence[Edit]]) -> bytes:
        """New bytes: outside the edited parts of the `source` strings, the old ones. Raises `EditError`."""
        if self.program is None or not edits.get(0):
            return self.raw
        text = self.text
        cells = {cell.index: cell for cell in self.cells}
        places = {index: Positions(cell.source) for index, cell in cells.items()}
        parts: list[str] = []
        done = 0
        for splice in self.program.splices(edits[0]):
            assert splice.cell is not None
            try:
                start, end, new = _in_json(text, cells[splice.cell], places[splice.cell], splice)
            except ValueError as error:
                raise EditError(str(error)) from None
            if start < done:
                raise EditError("the edits overlap")
            parts += text[done:start], new
            done = end
        mark = codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""
        try:
            return mark + "".join([*parts, text[done:]]).encode("utf-8")
        except UnicodeEncodeError as error:
            raise EditError(f"cannot be encoded: {error.reason}") from None


def _in_json(text: str, cell: Cell, places: Positions, splice: Splice) -> tuple[int, int, str]:
    """The splice of a cell's source as a splice of the JSON text."""
    start, end = places.offset(*splice.start), places.offset(*splice.end)
    raw_source = text[cell.tokens[0].start : cell.tokens[-1].end]
    if raw_source.isascii():
        ascii_only = bool(_ESCAPE.search(raw_source)) or (text.isascii() and _ESCAPE.search(text) is not None)
    else:
        ascii_only = False
    new = json.dumps(splice.text, ensure_ascii=ascii_only)[1:-1]
    if cell.listed:
        # one string of the list a line, as Jupyter writes them
        pieces = re.split(r"(?<=\n)", splice.text)
        if pieces[-1] == "" and end == len(cell.source):
            pieces = pieces[:-1]
        new = f'"{cell.separator(text)}"'.join(
            json.dumps(piece, ensure_ascii=ascii_only)[1:-1] for piece in pieces
        )
    return cell.offset(start), cell.offset(end), new


def read_notebook(path: str, raw: bytes) -> Notebook:
    """Raises `SourceError`: not UTF-8, broken JSON (with its place), nbformat 3, no cell that parses."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"is not a notebook: not valid UTF-8 (byte 0x{raw[error.start]:02x})", line
        ) from None
    try:
        top, cells = _walk(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"is not valid JSON: {error.msg}", error.lineno, error.colno) from None
    except ValueError as error:  # a number of thousands of digits
        raise SourceError(f"is not a notebook: {error}") from None
    except RecursionError:
        raise SourceError("is not a notebook: its JSON is nested too deeply") from None
    version = top.get("nbformat")
    if cells is None or (isinstance(version, int) and version < 4):
        if "worksheets" in top or (isinstance(version, int) and version < 4):
            raise SourceError(
                f"is a notebook in nbformat {version or 3}; convert it to nbformat 4 "
                "(jupyter nbconvert --to notebook --inplace FILE)"
            )
        raise SourceError("is not a notebook: it has no list of cells")
    if isinstance(version, int) and version > 4:
        raise SourceError(f"is a notebook in nbformat {version}, which is not known; only nbformat 4 is")
    if not _is_python(top.get("metadata")):
        return Notebook(path, raw, tuple(cells), None)
    return _program(path, raw, cells)


def _walk(text: str) -> tuple[dict[str, Any], list[Cell] | None]:
    """Top-level members (but "cells") and the code cells."""
    at = skip_space(text, 0)
    if text[at : at + 1] != "{":
        value_at(text, at)
        raise json.JSONDecodeError("Expecting an object", text, at)
    top: dict[str, Any] = {}
    cells: list[Cell] | None = None
    walk = members(text, at)
    key, start = next(walk)
    while key:
        if key == "cells" and text[start] == "[":
            cells, end = _walk_cells(text, start)
        else:
            member = value_at(text, start)
            top[key], end = member.value, member.end
        key, start = walk.send(end)
    rest = skip_space(text, start)
    if rest != len(text):
        raise json.JSONDecodeError("Extra data", text, rest)
    return top, cells


def _walk_cells(text: str, at: int) -> tuple[list[Cell], int]:
    cells: list[Cell] = []
    at = skip_space(text, at + 1)
    if text[at : at + 1] == "]":
        return cells, at + 1
    index = 0
    while True:
        if text[at : at + 1] == "{":
            cell, at = _walk_cell(text, at, index)
            if cell is not None:
                cells.append(cell)
        else:
            at = value_at(text, at).end
        index += 1
        at = skip_space(text, at)
        if text[at : at + 1] == "]":
            return cells, at + 1
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = skip_space(text, at + 1)


def _walk_cell(text: str, at: int, index: int) -> tuple[Cell | None, int]:
    """The cell if it is a code cell with a source, and the offset after it."""
    found: dict[str, Value] = {}
    walk = members(text, at)
    key, start = next(walk)
    while key:
        found[key] = value_at(text, start)
        key, start = walk.send(found[key].end)
    kind, source, metadata = (found.get(key) for key in ("cell_type", "source", "metadata"))
    if kind is None or kind.value != "code" or source is None or not source.value:
        return None, start
    if metadata is not None and not _in_python(metadata.value):
        return None, start
    tokens = strings_of(text, source.start)
    if not tokens:
        return None, start
    return Cell(index, tuple(tokens), isinstance(source.value, list), source.start), start


def _is_python(metadata: Any) -> bool:
    if not isinstance(metadata, dict):
        return True
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    language = info.get("name") if isinstance(info, dict) else None
    if language is None and isinstance(kernel, dict):
        language = kernel.get("language")
    return not isinstance(language, str) or not language or _PYTHON.match(language) is not None


def _in_python(metadata: Any) -> bool:
    """False for a cell that an editor marks as being in another language."""
    vscode = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = vscode.get("languageId") if isinstance(vscode, dict) else None
    return not isinstance(language, str) or language == "python"


def _program(path: str, raw: bytes, cells: Sequence[Cell]) -> Notebook:
    parts: list[tuple[Cell, tuple[Line, ...] | None]] = []
    shell_lines: list[str] = []
    notes: list[FileError] = []
    for cell in cells:
        cell_lines, cell_shell, fault = lines_of_cell(cell.source)
        shell_lines += cell_shell
        parts.append((cell, None if fault else cell_lines))
        if fault is not None:
            notes.append(
                FileError(path, f"syntax error: {fault.message}", fault.line, fault.column, cell.index)
            )
    if notes and len(notes) == len(cells):
        first = notes[0]
        raise SourceError(f"no cell is valid Python; {first.message}", first.line, first.column, first.cell)
    lines = in_order(parts)
    return Notebook(path, raw, tuple(cells), Program(path, lines, tuple(shell_lines)), tuple(notes))
