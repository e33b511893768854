"""Imports that the fixes of a file left without a use."""

from __future__ import annotations

import re

from peftlint.diagnostics import Edit
from peftlint.fixes.imported import imports_of
from peftlint.fixes.imports import is_removable, remove_import
from peftlint.fixes.text import loses_comment
from peftlint.semantics.syntax import Syntax
from peftlint.sources.base import Source, SourceError


def _words(code: str, name: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", code))


def orphaned_imports(before: Source, after: Source) -> list[Edit]:
    """The edits of `after` that remove an import that `before` used and `after` does not; [] if none.

    One import at a time. A name in a string or comment counts as a use; so nothing is removed that might be
    needed by `__all__` or an annotation.
    """
    names = set(re.findall(r"\w+", before.code)) & set(re.findall(r"\w+", after.code))
    # A comment that a fix took away (a suppression) was no use of the name.
    used = re.sub(r"#[^\r\n]*", "", before.code)
    names = {name for name in names if _words(after.code, name) == 1 and _words(used, name) > 1}
    if not names:
        return []
    try:
        syntax = Syntax(after)
    except SourceError:
        return []
    for imported in imports_of(syntax):
        if imported.bound in names and is_removable(syntax, imported):
            removal = remove_import(syntax, imported)
            if not loses_comment(syntax, removal):
                return removal
    return []
