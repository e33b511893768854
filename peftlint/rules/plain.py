"""Expressions as text for comparing: however they are broken into lines, and whatever comments stand between."""

from __future__ import annotations

import re
import unicodedata

import libcst as cst

_AROUND_SIGNS = re.compile(r"\s*([^\w\s'\"])\s*")
_CONTINUED = re.compile(r"\\\s+|\r?\n")
_SPACE = cst.SimpleWhitespace(" ")


class _OnOneLine(cst.CSTTransformer):
    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.SimpleWhitespace:
        return _SPACE

    def leave_SimpleWhitespace(
        self, original_node: cst.SimpleWhitespace, updated_node: cst.SimpleWhitespace
    ) -> cst.SimpleWhitespace:
        return _SPACE if original_node.value else updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        # names that Python takes for the same
        return updated_node.with_changes(value=unicodedata.normalize("NFKC", original_node.value))


def plain(node: cst.CSTNode) -> str:
    """The node's text without comments, line breaks and spaces that mean nothing: to be compared, not shown."""
    text = cst.Module([]).code_for_node(node)
    if "\n" in text or "\r" in text or not text.isascii():
        laid_out = node.visit(_OnOneLine())
        assert isinstance(laid_out, cst.CSTNode)
        text = cst.Module([]).code_for_node(laid_out)
    return _AROUND_SIGNS.sub(r"\1", text.strip())


def plain_text(text: str) -> str:
    """The text of an expression without comments, in the form that `plain` gives."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _AROUND_SIGNS.sub(r"\1", _CONTINUED.sub(" ", text).strip())
