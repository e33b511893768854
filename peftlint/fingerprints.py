"""Names for findings that stay the same while code moves: for the baseline, SARIF and GitLab."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from peftlint.diagnostics import Diagnostic
from peftlint.result import Result


def line_hash(text: str) -> str:
    """Hash of a source line without its blanks and its comment-free indentation: 16 hexadecimal digits."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def source_line(diagnostic: Diagnostic, result: Result) -> str:
    """The first line of a finding; "" if it is not known."""
    excerpt = result.excerpts.get((diagnostic.path, diagnostic.cell, diagnostic.span.line))
    return excerpt.text if excerpt is not None else ""


def fingerprints(diagnostics: Iterable[Diagnostic], result: Result) -> Iterator[tuple[Diagnostic, str]]:
    """Each diagnostic with its fingerprint, from path, rule, line and enclosing function; twins are
    numbered.
    """
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        parts = (
            diagnostic.path,
            diagnostic.code,
            diagnostic.context,
            line_hash(source_line(diagnostic, result)),
        )
        key = "\0".join(parts)
        seen[key] += 1
        text = f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")
        yield diagnostic, hashlib.sha256(text).hexdigest()[:32]
