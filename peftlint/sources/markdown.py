"""Python in Markdown and reStructuredText pages: fenced blocks, code directives, doctests.

The blocks of a page that parse are put together in order: a page is read from top to bottom, and later
blocks use what earlier ones made. A new program starts at a block that sets up its world afresh: it imports
something *and* loads a base model of its own (`AutoModelForCausalLM.from_pretrained(...)`, a pipeline; not a
tokenizer, a config or a PEFT class). Blocks that import again without loading a model, or load a model
without importing, go on with the program they are in: pages repeat imports for completeness.

A block that does not parse (an excerpt, an ellipsis in an odd place) is left out without a word; in the program
around it, a line stands in for it that leaves unknown whatever it may touch (`peftlint.sources.broken`).
"""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from peftlint.diagnostics import Edit, FileError
from peftlint.sources.base import EditError, SourceError
from peftlint.sources.broken import StandIns
from peftlint.sources.magics import common_indent, mask_cell
from peftlint.sources.parsing import syntax_fault
from peftlint.sources.program import Line, Program
from peftlint.sources.text import Positions, spliced, split_lines, without_break

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_PYTHON = re.compile(
    r"\{?\.?(?:(?:code-block|code|code-cell|sourcecode|ipython)\}[ \t]*)?"
    r"(?:python3?|py3?|ipython3?|pycon|python-repl|python-console|doctest)\b",
    re.IGNORECASE,
)
_SHELL = re.compile(
    r"\{?\.?(?:(?:code-block|code|sourcecode)\}[ \t]*)?(?:bash|sh|shell|console|shell-session)\b"
)
_DIRECTIVE = re.compile(
    r"(?P<indent>[ \t]*)\.\.[ \t]+"
    r"(?:code-block|code|sourcecode|ipython|testcode|jupyter-execute)::[ \t]*(?P<info>\S*)"
)
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_PROMPT = re.compile(r"(?P<indent>[ \t]*)(?P<prompt>>>>|\.\.\.)(?: (?P<code>.*))?$")
_BASE_MODEL = re.compile(r"(?!Peft|AutoPeft)\w*(?:Model|Pipeline|LM|For[A-Z]\w*|UNet\w*|Transformer\w*)$")


@dataclass(frozen=True)
class Block:
    """A block of the page: its lines, as (0-based index in the page, columns cut off at its left)."""

    lines: tuple[tuple[int, int], ...]
    indent: str


@dataclass(frozen=True)
class Page:
    """A Markdown or reStructuredText page and the programs in it."""

    path: str
    raw: bytes
    kind: str
    sources: tuple[Program, ...]
    notes: tuple[FileError, ...] = ()

    @property
    def texts(self) -> list[tuple[int | None, str]]:
        return [(None, self.raw.decode("utf-8-sig"))]

    def edited(self, edits: Mapping[int, Sequence[Edit]]) -> bytes:
        """New bytes; only text inside the blocks changes. Raises `EditError`."""
        text = self.raw.decode("utf-8-sig")
        places = Positions(text)
        mark = codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""
        splices = [splice for index, own in edits.items() for splice in self.sources[index].splices(own)]
        try:
            offsets = [
                (places.offset(*splice.start), places.offset(*splice.end), splice.text) for splice in splices
            ]
            # programs do not overlap, and the order within one is kept
            offsets.sort(key=lambda splice: splice[:2])
            return mark + spliced(text, offsets).encode("utf-8")
        except ValueError as error:  # also UnicodeEncodeError: a lone surrogate
            raise EditError(str(error)) from None


def read_markdown(path: str, raw: bytes) -> Page:
    """Raises `SourceError` if the page is not UTF-8."""
    return _read(path, raw, "markdown", _markdown_blocks)


def read_rst(path: str, raw: bytes) -> Page:
    """Raises `SourceError` if the page is not UTF-8."""
    return _read(path, raw, "rst", _rst_blocks)


@dataclass
class _Found:
    """What a walk over a page yields: Python blocks, and the lines of shell blocks."""

    blocks: list[Block]
    shell_lines: list[str]


def _read(path: str, raw: bytes, kind: str, walk: Callable[[Sequence[str]], _Found]) -> Page:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SourceError(f"is not valid UTF-8 (byte 0x{raw[error.start]:02x})", line) from None
    page = split_lines(text)
    found = walk([without_break(line) for line in page])
    programs: list[list[tuple[Block, list[Line] | None]]] = []
    shell_lines = list(found.shell_lines)
    for block in found.blocks:
        lines, shell = _program_lines(page, block)
        shell_lines += shell
        if lines and (not programs or _new_world("".join(line.text for line in lines))):
            programs.append([])
        if programs and lines != []:
            programs[-1].append((block, lines))
    sources = tuple(Program(path, _in_order(page, blocks), tuple(shell_lines)) for blocks in programs)
    return Page(path, raw, kind, sources)


def _in_order(page: Sequence[str], blocks: Sequence[tuple[Block, list[Line] | None]]) -> tuple[Line, ...]:
    """The lines of one program; blocks whose lines are None are broken, and something stands in for them."""
    stand_ins = StandIns(
        [("".join(page[number][cut:] for number, cut in block.lines), own is None) for block, own in blocks]
    )
    lines: list[Line] = []
    for index, (block, own) in enumerate(blocks):
        if own is not None:
            lines += own
        elif (line := stand_ins.line(index)) is not None:
            number = block.lines[0][0]
            lines.append(replace(line, number=number + 1, width=len(without_break(page[number]))))
    return tuple(lines)


def _markdown_blocks(page: Sequence[str]) -> _Found:
    found = _Found([], [])
    at = 0
    while at < len(page):
        fence = _FENCE.match(page[at])
        if fence is None:
            if (directive := _DIRECTIVE.match(page[at])) and _PYTHON.match(directive["info"]):
                at = _directive(page, at, directive, found)
            else:
                at += 1
            continue
        first = at + 1
        closing = re.compile(rf"[ \t]*{re.escape(fence['fence'][0])}{{{len(fence['fence'])},}}[ \t]*$")
        at = next((n for n in range(first, len(page)) if closing.match(page[n])), len(page)) + 1
        inside = _without_options(page, first, min(at - 1, len(page))) if "{" in fence["info"] else first
        if _PYTHON.match(fence["info"]):
            _add(page, range(inside, min(at - 1, len(page))), fence["indent"], found)
        elif _SHELL.match(fence["info"]):
            found.shell_lines += _commands(page[inside : min(at - 1, len(page))])
    return found


def _rst_blocks(page: Sequence[str]) -> _Found:
    found = _Found([], [])
    at = 0
    while at < len(page):
        directive = _DIRECTIVE.match(page[at])
        if directive is not None:
            at = _directive(page, at, directive, found)
        elif page[at].lstrip().startswith(">>>"):
            end = at
            while end < len(page) and page[end].strip():
                end += 1
            _add(page, range(at, end), "", found)
            at = end
        else:
            at += 1
    return found


def _directive(page: Sequence[str], at: int, directive: re.Match[str], found: _Found) -> int:
    """Takes in the body of a directive in line `at`; returns the line after it."""
    depth = len(directive["indent"].expandtabs())
    end = at + 1
    while end < len(page) and (not page[end].strip() or _depth(page[end]) > depth):
        end += 1
    while end > at + 1 and not page[end - 1].strip():
        end -= 1
    first = _without_options(page, at + 1, end)
    info = directive["info"]
    if first < end and ((not info and "test" in directive[0]) or _PYTHON.match(info)):
        body = next((page[n] for n in range(first, end) if page[n].strip()), "")
        _add(page, range(first, end), body[: len(body) - len(body.lstrip())], found)
    elif first < end and _SHELL.match(info):
        found.shell_lines += _commands(page[first:end])
    return max(end, at + 1)


def _depth(line: str) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def _without_options(page: Sequence[str], first: int, end: int) -> int:
    """The first line after a directive's options (`:linenos:`, or YAML between two `---`)."""
    if first < end and page[first].strip() == "---":
        return next((n + 1 for n in range(first + 1, end) if page[n].strip() == "---"), first)
    while first < end and _OPTION.match(page[first]):
        first += 1
    return first


def _commands(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        command = line.strip().removeprefix("$ ").removeprefix("% ")
        if command and not command.startswith("#"):
            yield command


def _add(page: Sequence[str], numbers: range, indent: str, found: _Found) -> None:
    if any(page[number].lstrip().startswith(">>>") for number in numbers):
        lines: list[tuple[int, int]] = []
        for number in numbers:
            prompt = _PROMPT.match(page[number])
            if prompt is not None and (prompt["prompt"] == ">>>" or lines):
                indent = prompt["indent"]
                cut = prompt.start("code") if prompt["code"] is not None else prompt.end("prompt")
                lines.append((number, cut))
        found.blocks.append(Block(tuple(lines), indent + ">>> "))
        return
    lines = []
    for number in numbers:
        line = page[number]
        cut = len(indent) if line.startswith(indent) else min(len(line) - len(line.lstrip()), len(indent))
        lines.append((number, cut))
    found.blocks.append(Block(tuple(lines), indent))


def _program_lines(page: Sequence[str], block: Block) -> tuple[list[Line] | None, tuple[str, ...]]:
    """The program lines of a block (None if it does not parse, none if it is not Python) and the shell commands in it."""
    texts = [without_break(page[number])[cut:] for number, cut in block.lines]
    indent = "" if block.indent.endswith(">>> ") else common_indent(texts)
    texts = [text.removeprefix(indent) for text in texts]
    frozen: list[tuple[int, int] | None] = [None] * len(texts)
    shell_lines: tuple[str, ...] = ()
    if syntax_fault("\n".join(texts)) is not None:
        cell = mask_cell(texts)
        shell_lines = cell.shell_lines
        if cell.lines is None:
            return [], shell_lines
        if syntax_fault("\n".join(line.text for line in cell.lines)) is not None:
            return None, shell_lines
        texts, frozen = [line.text for line in cell.lines], [line.frozen for line in cell.lines]
    lines = []
    for (number, cut), text, masked in zip(block.lines, texts, frozen, strict=True):
        whole = page[number]
        own = without_break(whole)
        br = whole[len(own) :]
        shift = cut + (len(indent) if own[cut:].startswith(indent) else 0)
        stripped = text.lstrip("\f")
        line = Line(
            text=stripped + (br if br not in ("", "\r") else "\n"),
            number=number + 1,
            width=len(own),
            shift=shift + len(text) - len(stripped),
            frozen=masked,
            margin=block.indent if block.indent.endswith(">>> ") else block.indent + indent,
            newline="\r" if br == "\r" else None,
            broken=bool(br),
        )
        lines.append(line)
    return lines, shell_lines


def _new_world(code: str) -> bool:
    """True if the block imports something and loads a base model: see the module's docstring."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    imports = loads = False
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                imports = True
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Name(id=name), attr="from_pretrained" | "from_config" | "from_single_file"
                )
            ):
                loads = loads or _BASE_MODEL.match(name) is not None
    return imports and loads
