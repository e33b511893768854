"""Codemods of statements on random layouts: blocks, one-line suites, semicolons, comments, tabs, CRLF."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

import libcst as cst
from hypothesis import given, settings
from hypothesis import strategies as st

from peftlint.fixes import codemods
from peftlint.fixes.edits import apply_edits
from peftlint.semantics.syntax import Syntax
from peftlint.sources import read
from tests.examples import examples

HEADERS = ["if c:", "while c:", "for i in c:", "with c as d:", "def f(a=1):", "class C:", "@d\ndef g():"]
ARGUMENTS = [
    "",
    "1",
    "a, *b",
    "\n  1,  # one\n  2\n",
    "'''x\n  y'''",
    "f'{a!r}'",
    "(1)",
    "i for i in c",
    "k=1,",
]


@st.composite
def small(draw):
    return f"s{{}}({draw(st.sampled_from(ARGUMENTS))})"


@st.composite
def line(draw):
    smalls = draw(st.lists(small(), min_size=1, max_size=3))
    ending = draw(st.sampled_from(["", "", ";", "  # end"]))
    return draw(st.sampled_from(["; ", ";", " ; "])).join(smalls) + ending


@st.composite
def block(draw, depth=0):
    """Lines of a block, without indentation of its own."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["line", "line", "block", "suite", "comment", "else", "try"]))
        if kind == "line" or depth > 2:
            parts.append(draw(line()))
        elif kind == "suite":
            parts.append(draw(st.sampled_from(HEADERS)) + " " + draw(line()))
        elif kind == "comment":
            parts.append("# note\n" + draw(line()))
        elif kind == "else":
            parts.append("if c:\n" + indented(draw(block(depth + 1))) + "\nelif s{}(): " + draw(line()))
        elif kind == "try":
            body, handler = draw(block(depth + 1)), draw(block(depth + 1))
            parts.append("try:\n" + indented(body) + "\nexcept E:\n" + indented(handler))
        else:
            parts.append(draw(st.sampled_from(HEADERS)) + "\n" + indented(draw(block(depth + 1))))
    return "\n".join(parts)


def indented(text):
    """Indented by a mark, which becomes the program's own indentation; the inside of strings is not."""
    lines = []
    inside = False
    for text_line in text.split("\n"):
        lines.append(text_line if inside else "\0" + text_line)
        inside ^= text_line.count("'''") % 2 == 1
    return "\n".join(lines)


@st.composite
def programs(draw):
    text = draw(block())
    for number in range(text.count("s{}")):
        text = text.replace("s{}", f"s{number}", 1)
    text = text.replace("\0", draw(st.sampled_from(["    ", "  ", "\t"])))
    text += draw(st.sampled_from(["", "\n", "\n# last\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def bodies(tree):
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield body


def names(tree):
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id[0] == "s"]


def is_new(statement):
    return isinstance(statement, ast.Expr) and getattr(statement.value, "id", "") == "zz_new"


def is_wrap(statement):
    return isinstance(statement, ast.With) and getattr(statement.items[0].context_expr, "id", "") == "zz_with"


def comments(code):
    code = code.replace("\r\n", "\n")
    return Counter(
        token.string
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type == tokenize.COMMENT
    )


@st.composite
def cases(draw):
    """A program, and one of the calls in it that is a statement, a header or a decorator's neighbour."""
    code = draw(programs())
    syntax = Syntax(read("a.py", code.encode()).sources[0])
    calls = []
    pending: list[cst.CSTNode] = [syntax.module]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value[0] == "s":
            calls.append(node)
        pending.extend(node.children)
    return syntax, draw(st.sampled_from(calls))


def undone(tree):
    for body in list(bodies(tree)):
        flat = []
        for statement in body:
            if not is_new(statement):
                flat += statement.body if is_wrap(statement) else [statement]
        body[:] = flat
    return ast.dump(tree)


@settings(max_examples=examples(60), deadline=None)
@given(cases(), st.booleans(), st.booleans())
def test_insert(case, before, compound):
    syntax, call = case
    codemod = codemods.insert_statement_before if before else codemods.insert_statement_after
    new = apply_edits(
        syntax.code, codemod(syntax, call, "with zz_with:\n    zz_new" if compound else "zz_new")
    )
    tree = ast.parse(new)
    found = is_wrap if compound else is_new
    [(body, place)] = [(body, at) for body in bodies(tree) for at, one in enumerate(body) if found(one)]
    beside = body[place + 1] if before else body[place - 1]
    assert call.func.value in names(beside)
    assert comments(new) == comments(syntax.code)
    if compound:
        body.pop(place)
    assert undone(tree) == undone(ast.parse(syntax.code))


@settings(max_examples=examples(60), deadline=None)
@given(cases())
def test_wrap(case):
    syntax, call = case
    new = apply_edits(syntax.code, codemods.wrap_statements_in_with(syntax, call, call, "with zz_with:"))
    tree = ast.parse(new)
    [wrap] = [one for body in bodies(tree) for one in body if is_wrap(one)]
    assert call.func.value in names(wrap)
    assert comments(new) == comments(syntax.code)
    assert undone(tree) == undone(ast.parse(syntax.code))


@settings(max_examples=examples(60), deadline=None)
@given(cases())
def test_delete(case):
    syntax, call = case
    edits = codemods.delete_statement(syntax, call)
    new = apply_edits(syntax.code, edits)
    left = names(ast.parse(new))
    assert call.func.value not in left
    assert set(left) <= set(names(ast.parse(syntax.code)))
    assert codemods.loses_comment(syntax, edits) is bool(comments(syntax.code) - comments(new))


@settings(max_examples=examples(60), deadline=None)
@given(cases())
def test_add_and_remove_keyword(case):
    syntax, call = case
    added = codemods.add_keyword(syntax, call, "zz", "1")
    new = apply_edits(syntax.code, added)
    assert comments(new) == comments(syntax.code)
    again = Syntax(read("a.py", new.encode()).sources[0])
    [target] = [
        node
        for node in ast.walk(ast.parse(new))
        if isinstance(node, ast.Call) and any(keyword.arg == "zz" for keyword in node.keywords)
    ]
    assert target.func.id == call.func.value
    calls = [again.module]
    found = None
    while calls and found is None:
        node = calls.pop()
        if isinstance(node, cst.Call) and codemods.keyword(node, "zz"):
            found = node
        calls.extend(node.children)
    back = apply_edits(new, codemods.remove_keyword(again, found, "zz"))
    assert ast.dump(ast.parse(back)) == ast.dump(ast.parse(syntax.code))
    assert comments(back) == comments(syntax.code)
