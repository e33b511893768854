"""What a rule says: a diagnostic with its trace and, where there is one, its fix.

Positions are 1-based; columns count Unicode characters; ends are exclusive. A rule speaks in the
coordinates of the *program text* that the semantics read (`Source.code`); `Source.locate` turns them into
coordinates of the file (a notebook's cell and line, a line of the Markdown page).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum


class Severity(str, Enum):
    """How bad it is: ERROR fails or is silently wrong, WARNING most probably is, INFO is hygiene."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(str, Enum):
    """SAFE: certainly what was meant (`--fix`). UNSAFE: most probably (`--unsafe-fixes`). DISPLAY: shown only."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, order=True)
class Span:
    """A range of text: 1-based lines and columns (Unicode characters), end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Step:
    """One line of a trace: what happened where, in the order in which it happens at run time."""

    message: str
    span: Span
    path: str
    cell: int | None = None


@dataclass(frozen=True)
class Edit:
    """Replace the text in `span` by `text` (an empty span inserts)."""

    span: Span
    text: str
    path: str
    cell: int | None = None


@dataclass(frozen=True)
class Fix:
    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]


def page_url(code: str, name: str) -> str:
    """The page of a rule on the site, which has those of our own rules only: "" for others."""
    return f"https://peftlint.readthedocs.io/rules/{name}/" if code.startswith("PEFT") else ""


@dataclass(frozen=True)
class Diagnostic:
    """One finding. `context` is the dotted name of the enclosing function or class ("" at module level)."""

    code: str
    name: str
    severity: Severity
    message: str
    help: str
    path: str
    span: Span
    cell: int | None = None
    trace: tuple[Step, ...] = ()
    fix: Fix | None = None
    suppressed: bool = False
    context: str = field(default="", compare=False)

    @property
    def url(self) -> str:
        """Its rule's page on the site; "" for a rule of another package."""
        return page_url(self.code, self.name)

    def with_fix(self, fix: Fix | None) -> Diagnostic:
        return replace(self, fix=fix)


@dataclass(frozen=True)
class FileError:
    """Input that could not be read or understood: one clear message with file and, if known, line."""

    path: str
    message: str
    line: int = 1
    column: int = 1
    cell: int | None = None
