"""Python files: decoded as Python decodes them, and written back in the same encoding."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from peftlint.diagnostics import Edit, FileError, Span
from peftlint.sources.base import EditError, Location, SourceError
from peftlint.sources.program import Line, Program, Splice
from peftlint.sources.text import Positions, spliced, split_lines, without_break

#: what exports of notebooks (nbconvert, jupytext, Databricks, Colab) make of a shell line
_SHELL = re.compile(
    r"""^[ \t]*(?:
      \#[ \t]*(?:MAGIC[ \t]+)?(?:!|%(?=(?:pip|conda|uv|sh)\b))[ \t]*(?P<comment>\S[^\r\n]*)
    | get_ipython\(\)\.(?:system|getoutput)\(\s*u?(?P<quote>['"])(?P<system>[^\r\n]*?)(?P=quote)
    | get_ipython\(\)\.run_line_magic\(
        \s*u?['"](?P<magic>pip|conda|sx|system)['"],\s*u?['"](?P<rest>[^\r\n]*?)['"]
    )""",
    re.VERBOSE | re.MULTILINE,
)
#: what declares an encoding (PEP 263)
_COOKIE = re.compile(rb"coding[:=][ \t]*[-\w.]+")


def shell_lines_of(code: str) -> tuple[str, ...]:
    """Shell commands that an exported notebook carries in comments or in calls of `get_ipython()`."""
    if "get_ipython" not in code and "pip" not in code and "conda" not in code:
        return ()
    found = []
    for match in _SHELL.finditer(code):
        rest = f"{match['magic']} {match['rest']}" if match["magic"] else match["comment"] or match["system"]
        found.append(rest.strip())
    return tuple(found)


@dataclass(frozen=True)
class PlainSource:
    """A program that is the text of its file, character for character."""

    path: str
    code: str
    shell_lines: tuple[str, ...] = ()

    def locate(self, span: Span) -> Location:
        return Location(None, span)

    def splices(self, edits: Sequence[Edit]) -> list[Splice]:
        ordered = sorted((edit.span, index) for index, edit in enumerate(edits))
        return [
            Splice(
                None, (span.line, span.column - 1), (span.end_line, span.end_column - 1), edits[index].text
            )
            for span, index in ordered
        ]


@dataclass(frozen=True)
class PythonFile:
    """A .py file: one program, the text of the file."""

    path: str
    raw: bytes
    encoding: str
    program: Program | PlainSource
    notes: Sequence[FileError] = ()

    @property
    def sources(self) -> tuple[Program | PlainSource, ...]:
        return (self.program,)

    @property
    def kind(self) -> str:
        return "python"

    @cached_property
    def text(self) -> str:
        return self.raw.decode(self.encoding)

    @property
    def texts(self) -> list[tuple[int | None, str]]:
        return [(None, self.text)]

    def edited(self, edits: Mapping[int, Sequence[Edit]]) -> bytes:
        """New bytes in the encoding of the file, byte order mark included. Raises `EditError`."""
        text, encoding = self.text, self.encoding
        if text.encode(encoding) != self.raw:
            raise EditError(f"the file cannot be written back unchanged in its encoding, {encoding}")
        places = Positions(text)
        try:
            new = spliced(
                text,
                [
                    (places.offset(*splice.start), places.offset(*splice.end), splice.text)
                    for splice in self.program.splices(edits.get(0, ()))
                ],
            )
            return new.encode(encoding)
        except UnicodeEncodeError as error:
            raise EditError(
                f"{error.object[error.start]!r} does not exist in the file's encoding, {encoding}"
            ) from None
        except ValueError as error:
            raise EditError(str(error)) from None


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines as libcst gives them back unchanged.

    libcst 1.9 drops a form feed at the start of a file and doubles it in an indented block, and loses a bare
    carriage return at the end: the program has neither, and the lines know.
    """
    lines = []
    for number, text_line in enumerate(split_lines(text), start=1):
        line = without_break(text_line)
        shift = len(line) - len(line.lstrip("\f"))
        bare = text_line.endswith("\r")
        lines.append(
            Line(
                text=line[shift:] + ("\n" if bare else text_line[len(line) :]),
                number=number,
                width=len(line),
                shift=shift,
                newline="\r" if bare else None,
                broken=len(text_line) > len(line),
            )
        )
    return tuple(lines)


def read_python(path: str, raw: bytes) -> PythonFile:
    """Raises `SourceError` for bytes that are not text in the encoding that the file declares."""
    null = raw.find(b"\0")
    if null >= 0:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError("is UTF-16; Python source is UTF-8 or declares its encoding")
        raise SourceError("is not Python source: it contains null bytes", *_place(raw, null))
    try:
        encoding = _encoding(raw)
        # detect_encoding also accepts codecs that are not text encodings (rot13, base64)
        text = raw.decode(encoding)
    except SyntaxError as error:
        reason = str(error.msg).removesuffix(f" for {path!r}")
        if "invalid or missing encoding" not in reason:
            raise SourceError(f"cannot be decoded: {reason}") from None
        line, column, byte = _first_bad_byte(raw)
        raise SourceError(
            f"is not valid UTF-8 (byte 0x{byte:02x}) and declares no encoding", line, column
        ) from None
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding.startswith("utf-8") else encoding
        message = f"is not valid {name} (byte 0x{raw[error.start]:02x})"
        raise SourceError(message, *_place(raw, error.start)) from None
    except (LookupError, UnicodeError) as error:
        raise SourceError(f"cannot be decoded: {error}") from None
    shell_lines = shell_lines_of(text)
    if "\f" in text or "\r" in text.replace("\r\n", ""):
        return PythonFile(path, raw, encoding, Program(path, lines_of(text), shell_lines))
    return PythonFile(path, raw, encoding, PlainSource(path, text, shell_lines))


def _encoding(raw: bytes) -> str:
    """The encoding that the file declares, else UTF-8. Raises `SyntaxError` if it cannot be told."""
    # a cookie's own line may hold other letters of its encoding: Python reads on, detect_encoding does not
    first, second, *_ = [*raw.split(b"\n", 2), b"", b""]
    plain = b"\n".join(_plain_comment(line) for line in (first, second))
    return tokenize.detect_encoding(io.BytesIO(plain).readline)[0]


def _plain_comment(line: bytes) -> bytes:
    """A comment line that declares an encoding, without the letters that are not ASCII; other lines as they are."""
    start = line.removeprefix(codecs.BOM_UTF8)
    if not start.lstrip(b" \t\f").startswith(b"#") or not _COOKIE.search(line):
        return line
    return line[: len(line) - len(start)] + bytes(byte for byte in start if byte < 128)


def _place(raw: bytes, offset: int) -> tuple[int, int]:
    before = raw[:offset].removeprefix(codecs.BOM_UTF8)
    return before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1


def _first_bad_byte(raw: bytes) -> tuple[int, int, int]:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return *_place(raw, error.start), raw[error.start]
    return 1, 1, raw[0] if raw else 0
