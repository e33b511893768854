from __future__ import annotations

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peftlint.diagnostics import Edit, Span
from peftlint.fixes import codemods
from peftlint.fixes.edits import Change, Changes, apply_changes, apply_edits, changes_of, edits_of, moved
from peftlint.fixes.text import smallest_edits, tokens
from peftlint.semantics.syntax import Syntax
from peftlint.sources import read


def syntax_of(code: str) -> Syntax:
    return Syntax(read("a.py", code.encode()).sources[0])


PIECES = st.sampled_from(
    [
        "x",
        "name",
        " ",
        "\n",
        "\r\n",
        "\t",
        "# note\n",
        '"a # b"',
        "'''x\ny'''",
        "(",
        ")",
        ",",
        "=",
        "é",
        "1.5",
        "\f",
    ]
)
TEXTS = st.lists(PIECES, max_size=20).map("".join)


@given(TEXTS)
def test_tokens_lose_nothing(text):
    assert "".join(tokens(text)) == text


@given(TEXTS, TEXTS)
def test_smallest_edits_make_the_text(old, new):
    class Bare:
        path, code, module = "a.py", old, cst.Module([])

    edits = smallest_edits(Bare(), 0, len(old), new)
    assert apply_edits(old, edits) == new
    assert bool(edits) is (old != new)


@given(TEXTS, st.data())
def test_text_outside_the_edits_stays(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    # a position inside a line break has no line and column of its own
    pairs = [(a, b) for a, b in pairs if text[a - 1 : a + 1] != "\r\n" and text[b - 1 : b + 1] != "\r\n"]
    changes = [Change(start, end, data.draw(TEXTS)) for start, end in pairs]
    result = apply_edits(text, edits_of("a.py", text, changes))
    assert result == apply_changes(text, changes)
    at = 0
    done = 0
    for change in changes:
        kept = text[done : change.start]
        assert result[at : at + len(kept)] == kept
        at += len(kept) + len(change.text)
        done = change.end
    assert result[at:] == text[done:]


@given(TEXTS, st.data())
def test_moved_follows_untouched_text(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    change = Change(start, end, data.draw(TEXTS))
    result = apply_changes(text, [change])
    for offset in range(len(text)):
        place = moved([change], offset)
        if offset < start or offset >= end:
            assert result[place] == text[offset]
        else:
            assert place == start


def test_edits_have_to_fit():
    with pytest.raises(ValueError):
        changes_of("abc\n", [Edit(Span(1, 1, 1, 3), "", "a"), Edit(Span(1, 2, 1, 4), "", "a")])
    with pytest.raises(ValueError):
        changes_of("abc\n", [Edit(Span(4, 1, 4, 1), "", "a")])
    with pytest.raises(ValueError):
        changes_of("abc\n", [Edit(Span(1, 9, 1, 9), "", "a")])


def test_fixes_that_overlap_wait():
    program = ("a.py", 0)
    chosen = Changes()
    assert chosen.add({program: [Change(0, 4, "x"), Change(10, 10, "i")]})
    assert not chosen.add({program: [Change(3, 6, "y")]})
    assert not chosen.add({program: [Change(4, 4, "at the edge")]})
    assert chosen.add({program: [Change(0, 4, "x"), Change(10, 10, "j")]}), "identical edits are one"
    assert chosen.add({("b.py", 0): [Change(3, 6, "y")]}), "another file"
    assert chosen.of(program) == [Change(0, 4, "x"), Change(10, 10, "i"), Change(10, 10, "j")]


def test_a_fix_is_added_whole_or_not_at_all():
    chosen = Changes()
    chosen.add({("a.py", 0): [Change(0, 4, "x")]})
    assert not chosen.add({("b.py", 0): [Change(0, 1, "z")], ("a.py", 0): [Change(2, 3, "y")]})
    assert chosen.of(("b.py", 0)) == []


def test_new_imports_are_merged():
    program = ("a.py", 0)
    chosen = Changes()
    for name in ("PeftModel", "LoraConfig", "PeftModel"):
        assert chosen.add({program: [Change(5, 5, f"\nfrom peft import {name}")]})
    assert chosen.add({program: [Change(5, 5, "\nfrom transformers import DynamicCache")]})
    assert [change.text for change in chosen.of(program)] == [
        "\nfrom peft import PeftModel, LoraConfig",
        "\nfrom transformers import DynamicCache",
    ]


def test_replace_keeps_what_surrounds():
    code = "y = (  # first\n    a + b  # second\n)\n"
    syntax = syntax_of(code)
    value = syntax.module.body[0].body[0].value
    edits = codemods.replace(syntax, value, value.with_changes(right=cst.Name("c")))
    assert apply_edits(code, edits) == code.replace("b  #", "c  #")
    assert [edit.text for edit in edits] == ["c"]
    assert codemods.replace(syntax, value, value) == []
    assert apply_edits(code, codemods.replace(syntax, value, "f(a)")) == code.replace("a + b", "f(a)")


def test_replace_a_statement_by_a_node():
    code = "def f():\n\tif x:\n\t\ta = 1  # one\n\t\tb = 2\n"
    syntax = syntax_of(code)
    inner = syntax.module.body[0].body.body[0]
    edits = codemods.replace(syntax, inner, inner.with_changes(test=cst.Name("y")))
    assert apply_edits(code, edits) == code.replace("if x", "if y")
    assert len(edits) == 1


def test_transform_by_a_libcst_codemod():
    code = "f(a)  # keep\r\ng(  a)\r\nf(b)"
    syntax = syntax_of(code)

    class Rename(cst.CSTTransformer):
        def leave_Name(self, original_node, updated_node):
            return updated_node.with_changes(value="h") if original_node.value == "f" else updated_node

    edits = codemods.transform(syntax, syntax.module.visit(Rename()))
    assert apply_edits(code, edits) == code.replace("f(", "h(")
    assert not codemods.loses_comment(syntax, edits)


@pytest.mark.parametrize(
    ("code", "span", "text", "loses"),
    [
        ("a  # c\n", Span(1, 1, 1, 2), "b", False),
        ("a  # c\n", Span(1, 1, 1, 7), "b", True),
        ("a  # c\n", Span(1, 1, 1, 7), "b  # c", False),
        ("a = '# no'\n", Span(1, 1, 1, 11), "b", False),
        ("a = f'{x}# no'\n", Span(1, 1, 1, 16), "b", False),
        ("a\n# c\nb\n", Span(1, 1, 3, 2), "b", True),
    ],
)
def test_loses_comment(code, span, text, loses):
    assert codemods.loses_comment(syntax_of(code), [Edit(span, text, "a.py")]) is loses


def test_a_comment_may_move():
    code = "a  # c\nb\n"
    edits = [Edit(Span(1, 1, 2, 1), "", "a.py"), Edit(Span(2, 2, 2, 2), "  # c", "a.py")]
    assert not codemods.loses_comment(syntax_of(code), edits)
