"""Another layout of the same tokens, another encoding of the same text, and lines that do nothing in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.tags import TAG
from tests.metamorphic.transformations.reading import (
    Statement,
    has,
    is_docstring,
    is_future,
    is_import,
    line,
    target_names,
)
from tests.metamorphic.transformations.registry import transformation

# -- bytes


def _bytes(name: str, encode: Callable[[str], bytes]) -> None:
    transformation(name)(lambda module: Variant.of(module, encode))


_bytes("CRLF", lambda text: text.replace("\n", "\r\n").encode())
_bytes("CR", lambda text: text.replace("\n", "\r").encode())
_bytes("BOM", lambda text: b"\xef\xbb\xbf" + text.encode())
_bytes("BOM and CRLF", lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
_bytes("no newline at the end", lambda text: text.rstrip("\n").encode())
_bytes("spaces at the ends of lines", lambda text: re.sub(r"(?m)(?<=[\w)\]:,])$(?!\Z)", "   ", text).encode())


def _with_first_line(module: cst.Module, first: str, encoding: str) -> Variant | None:
    text = f"{first}\n{module.code}"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return None
    return Variant.of(text, lambda plain: plain.encode(encoding))


@transformation("latin-1 with a cookie")
def latin_1(module: cst.Module) -> Variant | None:
    return _with_first_line(module, "# -*- coding: latin-1 -*- é ü", "latin-1")


@transformation("cp1252 with a cookie")
def cp1252(module: cst.Module) -> Variant | None:
    return _with_first_line(module, "# vim: set fileencoding=cp1252 : “quoted”", "cp1252")


@transformation("shebang and UTF-8 cookie")
def shebang(module: cst.Module) -> Variant | None:
    return _with_first_line(module, "#!/usr/bin/env python3\n# coding: utf-8", "utf-8")


# -- white space


@transformation("tabs")
def tabs(module: cst.Module) -> Variant | None:
    class Indenter(cst.CSTTransformer):
        def leave_IndentedBlock(
            self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
        ) -> cst.IndentedBlock:
            return updated_node.with_changes(indent="\t")

    return (
        Variant.of(module.with_changes(default_indent="\t").visit(Indenter()))
        if has(module, cst.IndentedBlock)
        else None
    )


@transformation("one space of indentation")
def one_space(module: cst.Module) -> Variant | None:
    return Variant.of(module.with_changes(default_indent=" ")) if has(module, cst.IndentedBlock) else None


@transformation("form feeds and blank lines")
def form_feeds(module: cst.Module) -> Variant | None:
    feed = cst.EmptyLine(indent=False, whitespace=cst.SimpleWhitespace("\x0c"))
    body = [
        s.with_changes(leading_lines=[*s.leading_lines, feed, cst.EmptyLine(indent=False)])
        for s in module.body
    ]
    return Variant.of(module.with_changes(body=body))


class _Whitespace(cst.CSTTransformer):
    """Space inside brackets becomes a comment and a new line; or all space becomes a continued line."""

    def __init__(self, comments: bool) -> None:
        self.comments = comments
        self.count = 0

    def _broken(self) -> cst.BaseParenthesizableWhitespace:
        self.count += 1
        if not self.comments:
            return cst.SimpleWhitespace(" \\\n        ")
        return cst.ParenthesizedWhitespace(
            first_line=cst.TrailingWhitespace(
                cst.SimpleWhitespace("  "), cst.Comment(f"# note {self.count}: load_adapter()")
            ),
            empty_lines=[cst.EmptyLine(indent=False, comment=cst.Comment("# set_adapter"))],
            indent=False,
            last_line=cst.SimpleWhitespace("        "),
        )

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return False

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if not updated_node.args:
            return updated_node.with_changes(whitespace_before_args=self._broken())
        args = [
            arg.with_changes(comma=cst.Comma(whitespace_after=self._broken()))
            if index < len(updated_node.args) - 1
            else arg.with_changes(
                whitespace_after_arg=self._broken()
                if not isinstance(arg.comma, cst.Comma)
                else cst.SimpleWhitespace("")
            )
            for index, arg in enumerate(updated_node.args)
        ]
        return updated_node.with_changes(args=args, whitespace_before_args=self._broken())

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        if self.comments:
            return updated_node
        targets = [t.with_changes(whitespace_after_equal=self._broken()) for t in updated_node.targets]
        return updated_node.with_changes(targets=targets)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if self.comments:
            return updated_node
        return updated_node.with_changes(dot=cst.Dot(whitespace_before=self._broken()))

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Decorator(self, node: cst.Decorator) -> bool:
        return False


@transformation("comments between tokens")
def comments_between(module: cst.Module) -> Variant | None:
    return Variant.of(module.visit(_Whitespace(comments=True)))


@transformation("line continuations")
def continuations(module: cst.Module) -> Variant | None:
    return Variant.of(module.visit(_Whitespace(comments=False)))


# -- lines


class _Blocks(cst.CSTTransformer):
    """Changes the statements of each block, and those of the module but for what has to stand first."""

    def __init__(self, change: Callable[[list[Statement]], list[Statement]]) -> None:
        self.change = change

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._changed(list(updated_node.body)))

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return updated_node.with_changes(body=self._changed(list(updated_node.body)))

    def _changed(self, body: Sequence[cst.CSTNode]) -> list[Statement]:
        count = 0
        while count < len(body) and (is_docstring(body[count]) or is_future(body[count])):
            count += 1
        return [*body[:count], *self.change(list(body[count:]))]  # type: ignore[list-item, arg-type]


def _between(name: str, make: Callable[[Statement, int], list[str]]) -> None:
    def apply(module: cst.Module) -> Variant | None:
        def change(body: list[Statement]) -> list[Statement]:
            found: list[Statement] = []
            for index, statement in enumerate(body):
                found.append(statement)
                ends = isinstance(statement, cst.SimpleStatementLine) and isinstance(
                    statement.body[-1], cst.Return | cst.Raise | cst.Break | cst.Continue
                )
                if not ends:
                    found += [line(code) for code in make(statement, index)]
            return found

        return Variant.of(module.visit(_Blocks(change)))

    transformation(name)(apply)


def _assigned(statement: Statement) -> list[str]:
    if not isinstance(statement, cst.SimpleStatementLine):
        return []
    return [
        n
        for s in statement.body
        if isinstance(s, cst.Assign)
        for t in s.targets
        for n in target_names(t.target)
    ]


def _assigns_none(statement: Statement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(s, cst.Assign) and isinstance(s.value, cst.Name) and s.value.value == "None"
        for s in statement.body
    )


_between("prints in between", lambda statement, index: [f'print("step {index} done")'])
_between(
    "logging in between",
    lambda statement, index: [f'import logging; logging.getLogger("train").info("step %d", {index})'],
)
_between(
    "progress, time and seeds in between",
    lambda statement, index: [
        "import time, random, gc",
        "_started = time.time()",
        "random.seed(0)",
        "gc.collect()",
    ],
)
_between(
    "values printed in between",
    lambda statement, index: [f"print(type({name}), {name})" for name in _assigned(statement)],
)
_between(
    "asserted not to be None",
    lambda statement, index: [
        f"assert {name} is not None" for name in _assigned(statement) if not _assigns_none(statement)
    ],
)
_between(
    "unrelated values in between",
    lambda statement, index: [f"_unused = [{index}, 'model', None]", "_other = {'adapter_name': _unused}"],
)
_between("very long lines", lambda statement, index: [f"_text = {'x' * 3000!r}  # {'y' * 3000}"])


@transformation("semicolons")
def semicolons(module: cst.Module) -> Variant | None:
    joined = 0

    def change(body: list[Statement]) -> list[Statement]:
        nonlocal joined
        found: list[Statement] = []
        for statement in body:
            last = found[-1] if found else None
            if (
                isinstance(last, cst.SimpleStatementLine)
                and isinstance(statement, cst.SimpleStatementLine)
                and not is_import(statement)
                and not is_import(last)
                and len(last.body) < 6
            ):
                joined += 1
                numbers = [
                    TAG.search((s.trailing_whitespace.comment or cst.Comment("#")).value)
                    for s in (last, statement)
                ]
                if not all(numbers):
                    found.append(statement)
                    continue
                comment = cst.Comment("#@" + ",".join(match["numbers"] for match in numbers if match))
                small = [
                    last.body[-1].with_changes(
                        semicolon=cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
                    )
                ]
                found[-1] = last.with_changes(
                    body=[*last.body[:-1], *small, *statement.body],
                    trailing_whitespace=cst.TrailingWhitespace(cst.SimpleWhitespace("  "), comment),
                )
            else:
                found.append(statement)
        return found

    changed = module.visit(_Blocks(change))
    return Variant.of(changed) if joined else None
