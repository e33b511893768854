"""How files become program texts, and edits of program texts become new file bytes."""

from __future__ import annotations

from pathlib import PurePath

from peftlint.files import bytes_of
from peftlint.sources.base import EditError, Location, Source, SourceError, SourceFile

__all__ = ["KINDS", "EditError", "Location", "Source", "SourceError", "SourceFile", "kind_of", "read"]

#: suffix (lower case) -> kind of file
KINDS = {
    ".py": "python",
    ".pyi": "python",
    ".ipynb": "notebook",
    ".md": "markdown",
    ".markdown": "markdown",
    ".rst": "rst",
}


def kind_of(path: str) -> str:
    """The kind of file by its suffix, a value of `KINDS`; without a known suffix it is a Python script."""
    return KINDS.get(PurePath(path).suffix.lower(), "python")


def read(path: str, raw: bytes | None = None, kind: str | None = None) -> SourceFile:
    """The program texts of the file at `path`, or of the bytes `raw` (then the file is not opened).

    `kind` ("python", "notebook", "markdown", "rst") overrides the suffix. Raises `SourceError` if the file
    cannot be opened or is not what it claims to be. Python that does not parse is found later, by the parser.
    """
    if raw is None:
        try:
            raw = bytes_of(path)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}") from None
    match kind or kind_of(path):
        case "python":
            from peftlint.sources.python import read_python

            return read_python(path, raw)
        case "notebook":
            from peftlint.sources.notebook import read_notebook

            return read_notebook(path, raw)
        case "markdown":
            from peftlint.sources.markdown import read_markdown

            return read_markdown(path, raw)
        case "rst":
            from peftlint.sources.markdown import read_rst

            return read_rst(path, raw)
        case unknown:
            raise ValueError(f"unknown kind of source: {unknown!r}")
