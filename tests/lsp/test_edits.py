"""Changed texts as edits: applied as an editor applies them they give the new text, for every pair of texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lsp_editor import applied
from pygls.workspace import PositionCodec

from peftlint.lsp.documents import Part
from peftlint.lsp.edits import text_edits

TEXTS = st.text(st.sampled_from("ab \n\r\x0c\u2028é😀"), max_size=30)


@given(TEXTS, TEXTS)
def test_the_edits_make_the_new_text(before: str, after: str) -> None:
    edits = list(text_edits(Part("file:///a.py", 1, before), after, PositionCodec()))
    assert applied(before, edits) == after


def test_only_what_differs_is_touched() -> None:
    before = "import a\nx = f(1)\ny = g(2)\n"
    after = "import a\nx = h(1)\ny = g(2)\n"
    [edit] = text_edits(Part("file:///a.py", 1, before), after, PositionCodec())
    assert (edit.range.start.line, edit.range.start.character, edit.new_text) == (1, 4, "h")
