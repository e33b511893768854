"""The codemods that rules make their fixes from.

Each takes the parsed program (`Syntax`) and libcst nodes of it, and returns edits in program coordinates,
the fewest that do it: everything else in the file keeps its bytes. Edits of several codemods make one fix,
as long as they do not overlap. A rule downgrades a fix that `loses_comment`.
"""

from __future__ import annotations

from peftlint.fixes.blocks import statement_to_with, wrap_statements_in_with
from peftlint.fixes.calls import (
    add_arguments,
    add_keyword,
    argument_source,
    keyword,
    positional_to_keyword,
    receiver_source,
    remove_arguments,
    remove_keyword,
    rename_callee,
    rename_keyword,
    replace_value,
    set_arguments,
    set_keyword,
    value_source,
)
from peftlint.fixes.import_changes import change_imports
from peftlint.fixes.imports import add_import, imported_name, reference, remove_orphan_import
from peftlint.fixes.statements import (
    delete_statement,
    insert_statement_after,
    insert_statement_before,
)
from peftlint.fixes.text import Syntax, loses_comment, replace, source_of, transform

__all__ = [
    "Syntax",
    "add_arguments",
    "add_import",
    "add_keyword",
    "argument_source",
    "change_imports",
    "delete_statement",
    "imported_name",
    "insert_statement_after",
    "insert_statement_before",
    "keyword",
    "loses_comment",
    "positional_to_keyword",
    "receiver_source",
    "reference",
    "remove_arguments",
    "remove_keyword",
    "remove_orphan_import",
    "rename_callee",
    "rename_keyword",
    "replace",
    "replace_value",
    "set_arguments",
    "set_keyword",
    "source_of",
    "statement_to_with",
    "transform",
    "value_source",
    "wrap_statements_in_with",
]
