"""What an `except` is there for: an error that is expected, a report before the end, or a library that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from peftlint.semantics.syntax import Syntax

#: a body of more statements is not a trial of one of them
MAX_TRIAL = 3
#: calls that end the program
_EXITS = frozenset(("exit", "quit", "sys.exit", "os._exit", "os.abort"))
#: none of the libraries raises these because of how it is used
_OTHER_ERRORS = frozenset(
    (
        "KeyboardInterrupt",
        "SystemExit",
        "GeneratorExit",
        "CancelledError",
        "StopIteration",
        "StopAsyncIteration",
    )
)
_IMPORT_ERRORS = frozenset(("ImportError", "ModuleNotFoundError"))
_ANY_ERROR = frozenset(("", "Exception", "BaseException"))


def expects(
    syntax: Syntax, node: cst.Try | cst.TryStar, handler: cst.ExceptHandler | cst.ExceptStarHandler
) -> bool:
    """Does the program go on after the handler as if the error were one of the things that may happen?

    Not if the handler raises again or ends the program, nor if it stands around all that the program does and
    catches whatever comes, nor if it logs and nothing follows: then it reports.
    """
    names = exception_names(handler)
    if (names and names <= _OTHER_ERRORS) or _ends(handler.body):
        return False
    if names <= _ANY_ERROR and _statements(node.body) > MAX_TRIAL:
        return False
    return not (_only_calls(handler.body) and _is_the_end(syntax, node))


def _only_calls(body: cst.BaseSuite) -> bool:
    """Does the handler only call something: a logger, say?"""
    return all(
        isinstance(small, cst.Expr) and isinstance(small.value, cst.Call)
        for line in body.body
        for small in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))
    )


def _is_the_end(syntax: Syntax, node: cst.CSTNode) -> bool:
    """Does nothing follow the statement in the program?"""
    parent = syntax.parent(node)
    while parent is not None:
        if isinstance(parent, cst.Module | cst.IndentedBlock) and parent.body[-1] is not node:
            return False
        if isinstance(parent, cst.FunctionDef | cst.ClassDef | cst.For | cst.While):
            return False
        node, parent = parent, syntax.parent(parent)
    return True


def only_for_want_of_a_library(
    node: cst.Try | cst.TryStar, handler: cst.ExceptHandler | cst.ExceptStarHandler
) -> bool:
    """Does the handler only note that a library cannot be imported (`PeftModel = None`, `HAS_PEFT = False`)?

    There the program makes no models with that library, and what it says of the names that are missing is not
    meant for the paths on which it does.
    """
    names = exception_names(handler)
    if not names or not names <= _IMPORT_ERRORS or not isinstance(node.body, cst.IndentedBlock):
        return False
    imports = all(
        isinstance(line, cst.SimpleStatementLine)
        and all(isinstance(small, cst.Import | cst.ImportFrom | cst.Assign) for small in line.body)
        for line in node.body.body
    )
    return imports and all(_notes(statement) for statement in handler.body.body)


def _notes(statement: cst.CSTNode) -> bool:
    smalls = statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    for small in smalls:
        match small:
            case cst.Pass() | cst.Expr():
                continue
            case cst.Assign(value=cst.Name(value="None" | "False")):
                continue
        return False
    return True


def exception_names(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> frozenset[str]:
    """The last parts of the names of the exceptions; "" for all."""
    if handler.type is None:
        return frozenset(("",))
    nodes = (
        [element.value for element in handler.type.elements]
        if isinstance(handler.type, cst.Tuple)
        else [handler.type]
    )
    return frozenset(_last(node) for node in nodes)


def _last(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else "?"


def _ends(body: cst.BaseSuite) -> bool:
    """Does the handler end with `raise`, or leave the program?"""
    last: cst.CSTNode | None = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    match last:
        case cst.Raise():
            return True
        case cst.Expr(value=cst.Call(func=cst.Name(value=name))):
            return name in _EXITS
        case cst.Expr(
            value=cst.Call(func=cst.Attribute(value=cst.Name(value=module), attr=cst.Name(value=name)))
        ):
            return f"{module}.{name}" in _EXITS
    return False


def _statements(body: cst.BaseSuite) -> int:
    """How many simple statements the block has, those of inner blocks included."""
    count = 0
    pending: list[cst.CSTNode] = list(body.body)
    while pending:
        node = pending.pop()
        if isinstance(node, cst.SimpleStatementLine):
            count += len(node.body)
        elif isinstance(node, cst.BaseSmallStatement):
            count += 1
        elif isinstance(node, cst.BaseCompoundStatement):
            for part in (node, getattr(node, "orelse", None), getattr(node, "finalbody", None)):
                inner = getattr(part, "body", None)
                if isinstance(inner, cst.BaseSuite):
                    pending.extend(inner.body)
    return count
