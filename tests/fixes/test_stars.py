"""A keyword is added beside `**options` only where they cannot hold it: it would be given twice."""

from __future__ import annotations

import libcst as cst
import pytest

from peftlint.fixes.stars import may_give
from peftlint.semantics.syntax import Syntax
from peftlint.sources import read


def given(code: str) -> bool:
    """Whether the call of `f` in the code may get `key` from its stars."""
    syntax = Syntax(read("a.py", code.encode()).sources[0])
    pending: list[cst.CSTNode] = [syntax.module]
    while pending:
        node = pending.pop()
        pending += node.children
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "f":
            return may_give(syntax, node, "key")
    raise AssertionError("no call")


@pytest.mark.parametrize(
    "code",
    [
        "f(1, a=2)",
        "f(**{'a': 1})",
        "f(**dict(a=1))",
        "options = {'a': 1}\nf(**options)",
        "options = {'a': 1}\noptions['b'] = 2\ng(options=1)\ng(**options)\nf(**options)",
        "def g():\n    options = dict(a=1)\n    return f(**options)",
        "f(*args)",
    ],
)
def test_certainly_not(code: str) -> None:
    assert not given(code)


@pytest.mark.parametrize(
    "code",
    [
        "f(**options)",
        "f(**{'key': 1})",
        "f(**{name: 1})",
        "f(**{**other})",
        "f(**dict(key=1))",
        "f(**dict(other))",
        "f(**self.options)",
        "def g(**options):\n    return f(**options)",
        "def g(options={}):\n    return f(**options)",
        "options = {'a': 1}\noptions['key'] = 2\nf(**options)",
        "options = {'a': 1}\noptions[name] = 2\nf(**options)",
        "options = {'a': 1}\noptions.update(other)\nf(**options)",
        "options = {'a': 1}\nfill(options)\nf(**options)",
        "options = {'a': 1}\nif a:\n    options = {}\nf(**options)",
        "options = other\nf(**options)",
        "options: dict = {}\nf(**options)",
        "for options in all:\n    f(**options)",
        "options = {}\ng = lambda: f(**options)",
        "options = {'a': 1}\ndef g():\n    f(**options)",
    ],
)
def test_perhaps(code: str) -> None:
    assert given(code)
