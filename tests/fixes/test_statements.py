from __future__ import annotations

import libcst as cst
import pytest

from peftlint.fixes import codemods


def edited(written, codemod, before, *args, target="here()"):
    program = written(before)
    return program.after(codemod(program.syntax, program.find(target, cst.Call), *args))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("here()", "new()\nhere()"),
        ("a\n# about here\nhere()  # end\n", "a\n# about here\nnew()\nhere()  # end\n"),
        ("if x:\n\there()\n", "if x:\n\tnew()\n\there()\n"),
        ("if x: here()\n", "if x: new(); here()\n"),
        ("if x: a; here()\n", "if x: a; new(); here()\n"),
        ("a; here(); b\n", "a; new(); here(); b\n"),
        ("a = (1,\n    here())\n", "new()\na = (1,\n    here())\n"),
        ("with here() as x:\n    pass\n", "new()\nwith here() as x:\n    pass\n"),
        (
            "if a:\n    pass\nelif here():\n    pass\n",
            "new()\nif a:\n    pass\nelif here():\n    pass\n",
        ),
        ("try:\n    pass\nfinally:\n    here()\n", "try:\n    pass\nfinally:\n    new()\n    here()\n"),
        ("@here()\ndef f():\n    pass\n", "new()\n@here()\ndef f():\n    pass\n"),
        ("@d\ndef f(a=here()): pass\n", "new()\n@d\ndef f(a=here()): pass\n"),
        (
            "class A:\r\n  def f(self):\r\n    here()\r\n",
            "class A:\r\n  def f(self):\r\n    new()\r\n    here()\r\n",
        ),
        ("match x:\n    case 1:\n        here()\n", "match x:\n    case 1:\n        new()\n        here()\n"),
    ],
)
def test_insert_before(written, before, after):
    assert edited(written, codemods.insert_statement_before, before, "new()") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("here()", "here()\nnew()"),
        ("here()  # end\nb\n", "here()  # end\nnew()\nb\n"),
        ("here();\nb\n", "here();\nnew()\nb\n"),
        ("if x: here()\n", "if x: here(); new()\n"),
        ("if x: here(); b\n", "if x: here(); new(); b\n"),
        ("a; here(); b\n", "a; here(); new(); b\n"),
        ("a; here()  # c\n", "a; here()  # c\nnew()\n"),
        ("a = (here(),\n    2)\n", "a = (here(),\n    2)\nnew()\n"),
        ("for i in here():\n    a\n    # last\nb\n", "for i in here():\n    a\nnew()\n    # last\nb\n"),
        ("if here():\n    a\nelse:\n    b\nc\n", "if here():\n    a\nelse:\n    b\nnew()\nc\n"),
        ("if a:\n\there()\r\n\tb\r\n", "if a:\n\there()\n\tnew()\r\n\tb\r\n"),
        ("x = here() + \\\n  1\n", "x = here() + \\\n  1\nnew()\n"),
    ],
)
def test_insert_after(written, before, after):
    assert edited(written, codemods.insert_statement_after, before, "new()") == after


BLOCK = "with a:\n    b"


@pytest.mark.parametrize(
    ("codemod", "before", "after"),
    [
        (codemods.insert_statement_before, "if x: here()\n", "if x:\n    with a:\n        b\n    here()\n"),
        (codemods.insert_statement_after, "if x: here()\n", "if x:\n    here()\n    with a:\n        b\n"),
        (
            codemods.insert_statement_before,
            "if x: c; here()\n",
            "if x:\n    c\n    with a:\n        b\n    here()\n",
        ),
        (codemods.insert_statement_before, "c; here()\n", "c\nwith a:\n    b\nhere()\n"),
        (codemods.insert_statement_after, "here(); c\n", "here()\nwith a:\n    b\nc\n"),
        (codemods.insert_statement_after, "if x:\n\there()\n", "if x:\n\there()\n\twith a:\n\t\tb\n"),
        (
            codemods.insert_statement_after,
            "if x: c; here(); d  # e\n",
            "if x:\n    c; here()\n    with a:\n        b\n    d  # e\n",
        ),
    ],
)
def test_insert_compound(written, codemod, before, after):
    assert edited(written, codemod, before, BLOCK) == after


@pytest.mark.parametrize(
    ("before", "after", "comment_lost"),
    [
        ("here()\n", "", False),
        ("here()", "", False),
        ("a\nhere()", "a", False),
        ("a\r\nhere()", "a", False),
        ("a\n# above\nhere()\nb\n", "a\n# above\nb\n", False),
        ("a\nhere()  # beside\nb\n", "a\n# beside\nb\n", False),
        ("a\nhere()  # noqa: E501\nb\n", "a\nb\n", True),
        ("if x:\n    a = (\n        here(),  # inside\n    )\n", "if x:\n    # inside\n    pass\n", False),
        ("if x: f(here(),  # inside\n)\n", "if x: pass\n", True),
        ("a; f(here(),  # inside\n)\n", "a\n", True),
        (
            "if x:\r\n\tf(here(),  # one\r\n\t)  # two\r\n\tb\r\n",
            "if x:\r\n\t# one\r\n\t# two\r\n\tb\r\n",
            False,
        ),
        ("if x:\n    here()\n", "if x:\n    pass\n", False),
        ("if x:\n    here()  # beside\n", "if x:\n    pass  # beside\n", False),
        ("if x: here()\n", "if x: pass\n", False),
        ("if x: here(); b\n", "if x: b\n", False),
        ("a; here()\n", "a\n", False),
        ("a; here(); b\n", "a; b\n", False),
        ("if x:\n    a\n    here()\nb\n", "if x:\n    a\nb\n", False),
        ("a = (\n    here(),  # inside\n)\nb\n", "# inside\nb\n", False),
        ("@d\ndef f(x=here()):\n    pass\nb\n", "b\n", False),
        ("def f():\n    if here():\n        a\n\n        b\n", "def f():\n    pass\n", False),
    ],
)
def test_delete(written, before, after, comment_lost):
    program = written(before)
    edits = codemods.delete_statement(program.syntax, program.find("here()", cst.Call))
    assert program.after(edits) == after
    assert codemods.loses_comment(program.syntax, edits) is comment_lost


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("first()\nlast()\n", "with m.off():\n    first()\n    last()\n"),
        ("first(last())", "with m.off():\n    first(last())"),
        (
            "def f():\n\tfirst()\n\n\t# between\n\tlast()  # end\n\tother()\n",
            "def f():\n\twith m.off():\n\t\tfirst()\n\n\t\t# between\n\t\tlast()  # end\n\tother()\n",
        ),
        (
            'first("""a\n  b\n""")\nx = last(1,\n         2)\n',
            'with m.off():\n    first("""a\n  b\n""")\n    x = last(1,\n             2)\n',
        ),
        (
            "first(f'''{x}\n{y}\n''', \"a\\\nb\")\nlast()\n",
            "with m.off():\n    first(f'''{x}\n{y}\n''', \"a\\\nb\")\n    last()\n",
        ),
        ("if x: first(); last()\n", "if x:\n    with m.off():\n        first(); last()\n"),
        ("a; first(); last(); b\n", "a\nwith m.off():\n    first(); last()\nb\n"),
        ("if x: a; first(last()); b\n", "if x:\n    a\n    with m.off():\n        first(last())\n    b\n"),
        ("first()\r\nlast()\r\nb\r\n", "with m.off():\r\n    first()\r\n    last()\r\nb\r\n"),
        (
            "if x:\n  for i in first():\n    a\n  last()\n",
            "if x:\n  with m.off():\n    for i in first():\n      a\n    last()\n",
        ),
        ("x = first() + \\\n  last()\n", "with m.off():\n    x = first() + \\\n      last()\n"),
    ],
)
def test_wrap(written, before, after):
    program = written(before)
    first = next(
        node
        for node in walk(program.syntax.module)
        if isinstance(node, cst.Call) and node.func.value == "first"
    )
    last = next(
        node
        for node in walk(program.syntax.module)
        if isinstance(node, cst.Call) and node.func.value == "last"
    )
    edits = codemods.wrap_statements_in_with(program.syntax, first, last, "with m.off():")
    assert program.after(edits) == after
    assert not codemods.loses_comment(program.syntax, edits)


def walk(node):
    yield node
    for child in node.children:
        yield from walk(child)


def test_wrap_needs_one_block(written):
    program = written("first()\nif x:\n    last()\n")
    first, last = program.find("first()", cst.Call), program.find("last()", cst.Call)
    with pytest.raises(ValueError):
        codemods.wrap_statements_in_with(program.syntax, first, last, "with a:")
    with pytest.raises(ValueError):
        codemods.wrap_statements_in_with(program.syntax, last, first, "with a:")


def test_a_whole_line_can_be_given(written):
    program = written("a; b\nc\n")
    line = program.syntax.module.body[0]
    assert program.after(codemods.delete_statement(program.syntax, line)) == "c\n"
    assert program.after(codemods.insert_statement_after(program.syntax, line, "n")) == "a; b\nn\nc\n"
    assert program.after(codemods.insert_statement_before(program.syntax, line, "n")) == "n\na; b\nc\n"


def test_wrap_a_text_that_ends_the_block(written):
    program = written('first()\nlast = """\n  a\n"""\n')
    first, last = program.find("first()", cst.Call), program.find('"""\n  a\n"""')
    edits = codemods.wrap_statements_in_with(program.syntax, first, last, "with a:")
    assert program.after(edits) == 'with a:\n    first()\n    last = """\n  a\n"""\n'


@pytest.mark.parametrize("code", ["x = off()\nlast()\n", "off(); x\nlast()\n", "last()\noff()\n"])
def test_what_cannot_become_a_with(written, code):
    program = written(code)
    line = next(line for line in program.syntax.module.body if "off" in program.syntax.text(line))
    with pytest.raises(ValueError):
        codemods.statement_to_with(program.syntax, line, program.find("last()", cst.Call))


def test_a_call_over_several_lines_becomes_a_with(written):
    program = written("off(\n    1,\n)  # c\n\nlast()\nmore()\n")
    edits = codemods.statement_to_with(
        program.syntax, program.syntax.module.body[0], program.find("last()", cst.Call)
    )
    assert program.after(edits) == "with off(\n    1,\n):  # c\n\n    last()\nmore()\n"
