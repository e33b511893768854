"""The tree of an edited text, made from that of the text before, is the tree of the text."""

from __future__ import annotations

import random
from pathlib import Path

import libcst as cst
import pytest

from peftlint.semantics import splicing
from peftlint.semantics.relevance import Outline
from peftlint.semantics.splicing import Tree
from peftlint.semantics.syntax import Syntax
from peftlint.sources.python import PlainSource

PROGRAMS = sorted((Path(__file__).parents[1] / "programs").rglob("*.py"))
INSERTED = [
    "x = 1", "    y = 2", "# c", "    # c", "  # odd", "", '"""', "else:", "@dec", "if a:", "\t", "x = (", ")",
    "def f():\n    pass", "def g():\n  pass", "x = 1 \\", "class A:", "a; b = 1, 2", "except E:", "\r", "from a import (",
]  # fmt: skip


def assert_right(tree: Tree, code: str) -> None:
    assert tree.module.deep_equals(cst.parse_module(code))
    assert "\n".join(tree.lines) == code
    assert sum(piece.lines for piece in tree.pieces) == len(tree.lines)
    assert [s for piece in tree.pieces for s in piece.statements] == list(tree.module.body)
    whole, parts = Outline(code), Outline(code, (), tree.texts)
    assert vars(parts) == vars(whole)


@pytest.mark.parametrize("seed", range(40))
def test_random_edits(seed: int) -> None:
    chance = random.Random(seed)
    for path in chance.sample(PROGRAMS, 4):
        code = path.read_text(encoding="utf-8")
        tree = Tree.of(code)
        assert_right(tree, code)
        for _ in range(6):
            lines = code.split("\n")
            at = chance.randrange(len(lines))
            match chance.randrange(4):
                case 0:
                    lines.insert(at, chance.choice(INSERTED))
                case 1:
                    del lines[at : at + chance.randrange(1, 4)]
                case 2:
                    lines[at] = lines[at].replace("model", "network") + "  # comment"
                case _:
                    lines[at:at] = lines[chance.randrange(len(lines)) :][: chance.randrange(6)]
            edited = "\n".join(lines)
            try:
                cst.parse_module(edited)
            except Exception:
                with pytest.raises(Exception):  # noqa: B017  libcst raises bare ones
                    tree.edited(edited)
                continue
            tree, code = tree.edited(edited), edited
            assert_right(tree, code)


@pytest.mark.parametrize("seed", range(10))
def test_a_long_text_is_parsed_in_parts(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    long = [path for path in PROGRAMS if path.stat().st_size > 2000]
    paths = random.Random(seed).sample(long, 8)
    trees = {path: cst.parse_module(path.read_text(encoding="utf-8")) for path in paths}
    parts: list[str] = []
    monkeypatch.setattr(splicing, "LONG", 1)
    monkeypatch.setattr(splicing, "PART", 10)
    monkeypatch.setattr(
        splicing.cst, "parse_module", lambda code, parse=cst.parse_module: parts.append(code) or parse(code)
    )
    for path, tree in trees.items():
        assert splicing.parse(path.read_text(encoding="utf-8")).deep_equals(tree)
    assert len(parts) > 2 * len(paths)


@pytest.mark.parametrize(
    "code", ["x = 1\n\n\n\n(\n", "def f():\n  return 1\n\n\ndef g():\n    return 2\n", "", "# only\n"]
)
def test_odd_texts_in_parts(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splicing, "LONG", 0)
    monkeypatch.setattr(splicing, "PART", 1)
    try:
        tree = cst.parse_module(code)
    except cst.ParserSyntaxError as error:
        with pytest.raises(cst.ParserSyntaxError) as caught:
            splicing.parse(code)
        assert (caught.value.raw_line, caught.value.raw_column) == (error.raw_line, error.raw_column)
    else:
        assert splicing.parse(code).deep_equals(tree)


CODE = """\
# first
import os

def one():
    return 1
    # the end of one


# before two
@decorated
def two():
    return 2
x = 1; y = 2
class Three:
    def four(self): return 4

# last
"""


def test_what_is_left_alone_keeps_its_nodes() -> None:
    tree = Tree.of(CODE)
    edited = tree.edited(CODE.replace("return self", "return None"))
    assert_right(edited, CODE.replace("return self", "return None"))
    same = [new is old for new, old in zip(edited.module.body, tree.module.body, strict=True)]
    assert same == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# first", "# First"),
        ("# last\n", ""),
        ("# last\n", "# last"),
        ("    # the end of one\n", ""),
        ("# before two", "    # still one"),
        ("return 2\n", "return 2\n    # end\n# margin\n"),
        ("@decorated\n", ""),
        ("x = 1; y = 2\n", "x = 1; y = 2 \\\n\n"),
        ("import os\n", '"""text\n\n'),
        ("    return 1", "  return 1"),
        (CODE, ""),
    ],
)
def test_edits(old: str, new: str) -> None:
    edited = CODE.replace(old, new)
    try:
        cst.parse_module(edited)
    except cst.ParserSyntaxError:
        with pytest.raises(cst.ParserSyntaxError):
            Tree.of(CODE).edited(edited)
        return
    assert_right(Tree.of(CODE).edited(edited), edited)
    assert_right(Tree.of(CODE).edited(edited).edited(CODE), CODE)


def test_the_parents_are_the_same() -> None:
    """Also their order, in which the nodes of a source are gone through."""
    splicing.keep("edited.py")
    try:
        for code in (CODE, CODE.replace("return 2", "return 22"), CODE):
            kept, plain = Syntax(PlainSource("edited.py", code)), Syntax(PlainSource("other.py", code))
            texts = [
                [(s.text(node), s.text(s.parent(node) or s.module)) for node in s.nodes]
                for s in (kept, plain)
            ]
            assert texts[0] == texts[1]
    finally:
        splicing.forget("edited.py")
