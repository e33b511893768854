"""The registry of what the run-time commands can say: PEFT520.. for saved folders, PEFT610.. for live models.

Each code has a name, a severity and one paragraph of documentation, which `peftlint rule CODE` prints. The
tables themselves stand beside the checks, in `folder/codes.py` and `live/codes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from peftlint.diagnostics import Diagnostic, Severity, Span

TOP = Span(1, 1, 1, 1)


@dataclass(frozen=True)
class Code:
    """One kind of finding. `documentation` says what is wrong, what happens then, and how it was
    established.
    """

    code: str
    name: str
    severity: Severity
    help: str
    documentation: str

    def finding(self, message: str, path: str, span: Span = TOP, help: str | None = None) -> Diagnostic:
        """A diagnostic of this kind; `help` replaces the general advice where more is known."""
        return Diagnostic(self.code, self.name, self.severity, message, help or self.help, path, span)


def error(code: str, name: str, help: str, documentation: str) -> Code:
    return Code(code, name, Severity.ERROR, help, documentation)


def warning(code: str, name: str, help: str, documentation: str) -> Code:
    return Code(code, name, Severity.WARNING, help, documentation)


def info(code: str, name: str, help: str, documentation: str) -> Code:
    return Code(code, name, Severity.INFO, help, documentation)


@lru_cache(maxsize=1)
def registry() -> dict[str, Code]:
    """Every code of the run-time commands, by code, in order."""
    from peftlint.runtime.folder import codes as folder
    from peftlint.runtime.folder import relation_codes as relations
    from peftlint.runtime.live import codes as live

    found = [
        item
        for module in (folder, relations, live)
        for item in vars(module).values()
        if isinstance(item, Code)
    ]
    table = {item.code: item for item in sorted(found, key=lambda item: item.code)}
    if len(table) != len(found) or len({item.name for item in found}) != len(found):
        raise RuntimeError("a run-time code or name is given twice")
    return table


def find(code_or_name: str) -> Code | None:
    """The code of that number (any case) or name, if it is one of the run-time commands'."""
    table = registry()
    wanted = code_or_name.strip()
    return table.get(wanted.upper()) or next((c for c in table.values() if c.name == wanted.lower()), None)
