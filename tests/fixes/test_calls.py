from __future__ import annotations

import libcst as cst
import pytest

from peftlint.fixes import codemods


def test_rename_callee(written):
    code = "model.base . add_adapter ( 'a' )  # why\nadd(1)\n"
    program = written(code)
    edits = codemods.rename_callee(program.syntax, program.call("model.base . add_adapter"), "load_adapter")
    assert program.after(edits) == code.replace("add_adapter", "load_adapter")
    edits = codemods.rename_callee(program.syntax, program.call("add"), "subtract")
    assert "subtract(1)" in program.after(edits)


def test_rename_callee_needs_a_name(written):
    program = written("functions[0](1)\n")
    with pytest.raises(ValueError):
        codemods.rename_callee(program.syntax, program.call("functions[0]"), "other")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(key=1)"),
        ("f( )", "f(key=1 )"),
        ("f(a)", "f(a, key=1)"),
        ("f(a,)", "f(a, key=1,)"),
        ("f(*a, **{})", "f(*a, **{}, key=1)"),
        ("f(a, b = 2)", "f(a, b = 2, key = 1)"),
        ("f(x for x in y)", "f((x for x in y), key=1)"),
        ("f((x for x in y))", "f((x for x in y), key=1)"),
        ("(f)(a)", "(f)(a, key=1)"),
        ("f(g(b))", "f(g(b), key=1)"),
        ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    key=1,\n)"),
        ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    key=1\n)"),
        ("f(\n\ta,\n\tb)", "f(\n\ta,\n\tb,\n\tkey=1)"),
        ("f(\n    a,  # one\n    b,  # two\n)", "f(\n    a,  # one\n    b,  # two\n    key=1,\n)"),
        ("f(\n    a,  # one\n    b  # two\n)", "f(\n    a,  # one\n    b,  # two\n    key=1\n)"),
        ("f(\n    a, b\n)", "f(\n    a, b, key=1\n)"),
        ("f(\n    # nothing yet\n)", "f(key=1\n    # nothing yet\n)"),
        ("f(a,\n  b)", "f(a,\n  b,\n  key=1)"),
        ('f("""a\nb""")', 'f("""a\nb""", key=1)'),
        ("f(é, 'ü')", "f(é, 'ü', key=1)"),
        ("f(f'{a!r:>{w}}')", "f(f'{a!r:>{w}}', key=1)"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_add_keyword(written, before, after, newline):
    before, after = (text.replace("\n", newline) + newline for text in (before, after))
    program = written("x = 1" + newline + before)
    edits = codemods.add_keyword(program.syntax, program.call("f"), "key", "1")
    assert program.after(edits) == "x = 1" + newline + after
    assert not codemods.loses_comment(program.syntax, edits)


def test_add_keyword_that_is_there(written):
    program = written("f(key=2)\n")
    call = program.call("f")
    assert codemods.add_keyword(program.syntax, call, "key", "1") == []
    assert program.after(codemods.set_keyword(program.syntax, call, "key", "1")) == "f(key=1)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a=0)", "f(a=True)"),
        ("f(b)", "f(b, a=True)"),
        ("f(a = (0))", "f(a = True)"),
        ("f(b, a=g(1, 2), c=3)", "f(b, a=True, c=3)"),
        ("f(\n    a=0,  # why\n)", "f(\n    a=True,  # why\n)"),
        ("f(a=  # why\n  0)", "f(a=  # why\n  True)"),
    ],
)
def test_set_keyword(written, before, after):
    program = written(before + "\n")
    edits = codemods.set_keyword(program.syntax, program.call("f"), "a", "True")
    assert program.after(edits) == after + "\n"
    assert not codemods.loses_comment(program.syntax, edits)


@pytest.mark.parametrize(
    ("before", "after", "comment_lost"),
    [
        ("f(k=1)", "f()", False),
        ("f(k=1,)", "f()", False),
        ("f(a, k=1)", "f(a)", False),
        ("f(a, k=1,)", "f(a,)", False),
        ("f(k=1, a=2)", "f(a=2)", False),
        ("f(a, k=1, **r)", "f(a, **r)", False),
        ("f(\n    a,\n    k=1,\n    b=2,\n)", "f(\n    a,\n    b=2,\n)", False),
        ("f(\n    a,\n    k=1\n)", "f(\n    a,\n)", False),
        ("f(\n    a,\n    k=1,  # why\n    b=1)", "f(\n    a,\n    b=1)", True),
        ("f(a,  # about a\n  k=1)", "f(a,  # about a\n  )", False),
        ("f(k=1,  # about k\n  a=1)", "f(# about k\n  a=1)", False),
        ("f(k=1,\n  a=1)", "f(a=1)", False),
    ],
)
def test_remove_keyword(written, before, after, comment_lost):
    program = written(before + "\n")
    edits = codemods.remove_keyword(program.syntax, program.call("f"), "k")
    assert program.after(edits) == after + "\n"
    assert codemods.loses_comment(program.syntax, edits) is comment_lost


def test_remove_several_arguments(written):
    program = written("f(a, b, c, d)\n")
    call = program.call("f")
    assert program.after(codemods.remove_arguments(program.syntax, call, call.args[1:3])) == "f(a, d)\n"
    assert program.after(codemods.remove_arguments(program.syntax, call, call.args[2:])) == "f(a, b)\n"
    assert program.after(codemods.remove_arguments(program.syntax, call, call.args)) == "f()\n"
    trailing = written("f(a, b,)\n")
    call_with_comma = trailing.call("f")
    edits = codemods.remove_arguments(trailing.syntax, call_with_comma, call_with_comma.args)
    assert trailing.after(edits) == "f()\n"
    ends = [call.args[0], call.args[3]]
    assert program.after(codemods.remove_arguments(program.syntax, call, ends)) == "f(b, c)\n"


def test_rename_keyword_and_positional_to_keyword(written):
    program = written("f(a, (b), k = 1)\n")
    call = program.call("f")
    assert program.after(codemods.rename_keyword(program.syntax, call, "k", "key")) == "f(a, (b), key = 1)\n"
    assert codemods.rename_keyword(program.syntax, call, "other", "key") == []
    edits = codemods.positional_to_keyword(program.syntax, call, 0, ["one", "two"])
    assert program.after(edits) == "f(one = a, two = (b), k = 1)\n"
    with pytest.raises(ValueError):
        codemods.positional_to_keyword(program.syntax, call, 0, ["one"])
    starred = written("f(*a, b)\n")
    with pytest.raises(ValueError):
        codemods.positional_to_keyword(starred.syntax, starred.call("f"), 1, ["two"])


@pytest.mark.parametrize(
    ("before", "texts", "after"),
    [
        ("m.f(c, 'math')", ["p", "adapter_name='math'"], "m.f(p, adapter_name='math')"),
        ("m.f(a, b, c)", ["a"], "m.f(a)"),
        ("m.f(a, b, c)", ["x"], "m.f(x)"),
        ("m.f(a)", ["a", "b", "c=1"], "m.f(a, b, c=1)"),
        ("m.f()", ["a", "b"], "m.f(a, b)"),
        (
            "m.f(\n    config,  # of math\n    'math',  # its name\n)",
            ["path", "adapter_name='math'"],
            "m.f(\n    path,  # of math\n    adapter_name='math',  # its name\n)",
        ),
        ("m.f(\n    a,\n)", ["a", "b", "c"], "m.f(\n    a,\n    b,\n    c,\n)"),
    ],
)
def test_set_arguments(written, before, texts, after):
    program = written(before + "\n")
    edits = codemods.set_arguments(program.syntax, program.call("m.f"), texts)
    assert program.after(edits) == after + "\n"


def test_nested_calls_are_edited_apart(written):
    program = written("f(g(a, k=1), k=2)\n")
    inner, outer = program.call("g"), program.call("f")
    edits = [
        *codemods.set_keyword(program.syntax, inner, "k", "10"),
        *codemods.set_keyword(program.syntax, outer, "k", "20"),
    ]
    assert program.after(edits) == "f(g(a, k=10), k=20)\n"


def test_sources(written):
    program = written("(a\n .b).f((1), key=(2))\n")
    call = program.find("(a\n .b).f((1), key=(2))", cst.Call)
    assert codemods.receiver_source(program.syntax, call) == "(a\n .b)"
    assert codemods.value_source(program.syntax, call.args[1]) == "(2)"
    assert codemods.argument_source(program.syntax, call.args[1]) == "key=(2)"
    assert codemods.argument_source(program.syntax, call.args[0]) == "(1)"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("f(a)", "a"),
        ("f((a))", "(a)"),
        ("f(k=a)", "a"),
        ("f(k = (a))", "(a)"),
        ("f(*a)", "a"),
        ("f(* a)", "a"),
        ("f(**a)", "a"),
        ("f(**  # up\n  a)", "a"),
    ],
)
def test_value_of_an_argument(written, code, value):
    program = written("x = 1\n" + code + "\n")
    [arg] = program.call("f").args
    assert codemods.value_source(program.syntax, arg) == value
    assert (
        program.after(codemods.replace_value(program.syntax, arg, "b"))
        == "x = 1\n" + (code.replace("(a)", "(b)") if code == "f(a)" else code.replace(value, "b")) + "\n"
    )


def test_names_begin_where_the_keywords_do(written):
    program = written("f(a, b, c)\n")
    edits = codemods.positional_to_keyword(
        program.syntax, program.call("f"), 1, ["second", "third", "fourth"]
    )
    assert program.after(edits) == "f(a, second=b, third=c)\n"


def test_two_arguments_behind_a_comment(written):
    program = written("f(\n    a  # c\n)\n")
    edits = codemods.add_arguments(program.syntax, program.call("f"), ["b", "c"])
    assert program.after(edits) == "f(\n    a,  # c\n    b,\n    c\n)\n"
