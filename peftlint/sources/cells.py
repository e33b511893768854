"""The code cells of a notebook, and the lines of the program that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peftlint.sources.broken import StandIns
from peftlint.sources.json_text import StringToken
from peftlint.sources.magics import common_indent, mask_cell
from peftlint.sources.parsing import SyntaxFault, syntax_fault
from peftlint.sources.program import Line
from peftlint.sources.text import split_lines, without_break


@dataclass(frozen=True)
class Cell:
    """A code cell: its index among all cells and the tokens of its `source`; `listed` if that is a list."""

    index: int
    tokens: tuple[StringToken, ...]
    listed: bool
    opening: int

    @property
    def source(self) -> str:
        return "".join(token.value for token in self.tokens)

    def offset(self, at: int) -> int:
        """Offset in the JSON of character `at` of the source; between strings, the start of the second."""
        for token in self.tokens[:-1]:
            if at < len(token.value):
                return token.offset(at)
            at -= len(token.value)
        return self.tokens[-1].offset(at)

    def separator(self, text: str) -> str:
        """What stands between the closing quote of a string of the list and the opening quote of the next."""
        if len(self.tokens) > 1:
            return text[self.tokens[0].end : self.tokens[1].start]
        return "," + (text[self.opening + 1 : self.tokens[0].start] or " ")


def in_order(parts: Sequence[tuple[Cell, tuple[Line, ...] | None]]) -> tuple[Line, ...]:
    """The lines of the cells; those that are None are broken, and something stands in for them."""
    stand_ins = StandIns([(cell.source, cell_lines is None) for cell, cell_lines in parts])
    lines: list[Line] = []
    for index, (cell, cell_lines) in enumerate(parts):
        if cell_lines is None:
            line = stand_ins.line(index)
            cell_lines = (line,) if line is not None else ()
        lines += [replace(line, cell=cell.index) for line in cell_lines]
    return tuple(lines)


def lines_of_cell(source: str) -> tuple[tuple[Line, ...], tuple[str, ...], SyntaxFault | None]:
    """The program lines of a cell, its shell commands, and what is wrong if it does not parse (no lines)."""
    texts = split_lines(source)
    shell_lines: tuple[str, ...] = ()
    indent = ""
    if "\f" not in source and syntax_fault(source) is None:
        masked: list[tuple[str, tuple[int, int] | None]] = [(without_break(text), None) for text in texts]
    else:
        indent = common_indent(texts)
        cell = mask_cell([text.removeprefix(indent) for text in texts])
        shell_lines = cell.shell_lines
        if cell.lines is None:
            return (), shell_lines, None
        masked = [(line.text, line.frozen) for line in cell.lines]
        fault = syntax_fault("\n".join(text for text, _ in masked))
        if fault is not None:
            return (), shell_lines, fault
    lines = []
    for number, (text, (code, frozen)) in enumerate(zip(texts, masked, strict=True), start=1):
        own = without_break(text)
        shift = len(indent) if text.startswith(indent) else 0
        stripped = code.lstrip("\f")
        shift += len(code) - len(stripped)
        br = text[len(own) :]
        lines.append(
            Line(
                text=stripped + (br if br not in ("", "\r") else "\n"),
                number=number,
                width=len(own),
                shift=shift,
                frozen=frozen,
                margin=indent,
                newline="\r" if br == "\r" else None,
                broken=bool(br),
            )
        )
    return tuple(lines), shell_lines, None
