"""What transformations need to know of a program: which names it binds where, and which it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst
from libcst import matchers as m
from libcst.helpers import get_full_name_for_node

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


@lru_cache(maxsize=1024)
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in dataclasses.fields(kind)
        if "whitespace" not in field.name and "lines" not in field.name
    )


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes directly below, without white space; ten times quicker than libcst's own."""
    found: list[cst.CSTNode] = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            found.append(value)
        elif isinstance(value, tuple | list):
            found.extend(item for item in value if isinstance(item, cst.CSTNode))
    return found


def walk(node: cst.CSTNode, enter_scopes: bool = True) -> Sequence[cst.CSTNode]:
    """The node and all below it; without `enter_scopes` not what functions, classes and lambdas hold."""
    return _walked(node, enter_scopes)


@lru_cache(maxsize=4096)
def _walked(node: cst.CSTNode, enter_scopes: bool) -> Sequence[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    pending = [node]
    while pending:
        each = pending.pop()
        found.append(each)
        if enter_scopes or not isinstance(each, SCOPES):
            pending.extend(reversed(children(each)))
    return found


def target_names(target: cst.BaseExpression) -> Iterator[str]:
    match target:
        case cst.Name(value=value):
            yield value
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from target_names(element.value)
        case cst.StarredElement(value=value):
            yield from target_names(value)


@dataclass(frozen=True)
class Bound:
    """Names by the kind of statement that binds them in one scope."""

    plain: frozenset[str]
    #: by for, with, except, walrus, del, match: no attribute can stand there, or it would be odd
    other: frozenset[str]
    imported: frozenset[str]
    defined: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.plain | self.other | self.imported | self.defined


def bound(statements: Iterable[cst.CSTNode]) -> Bound:
    """What the statements bind in their own scope."""
    plain: set[str] = set()
    other: set[str] = set()
    imported: set[str] = set()
    defined: set[str] = set()
    for statement in statements:
        for node in walk(statement, enter_scopes=False):
            match node:
                case (
                    cst.AssignTarget(target=target)
                    | cst.AnnAssign(target=target)
                    | cst.AugAssign(target=target)
                ):
                    plain.update(target_names(target))
                case cst.For(target=target) | cst.CompFor(target=target):
                    other.update(target_names(target))
                case cst.NamedExpr(target=target):
                    other.update(target_names(target))
                case cst.AsName(name=name):
                    other.update(target_names(name))
                case cst.Del(target=target):
                    other.update(target_names(target))
                case cst.MatchAs(name=cst.Name(value=value)) | cst.MatchStar(name=cst.Name(value=value)):
                    other.add(value)
                case cst.ImportAlias():
                    imported.add(local_name(node))
                case cst.FunctionDef(name=cst.Name(value=value)) | cst.ClassDef(name=cst.Name(value=value)):
                    defined.add(value)
    return Bound(frozenset(plain), frozenset(other - imported), frozenset(imported), frozenset(defined))


def local_name(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name.partition(".")[0]


def dotted(node: cst.CSTNode | None) -> str:
    """ "a.b" for a name or an attribute of names, "" for anything else."""
    if isinstance(node, cst.Name | cst.Attribute):
        return get_full_name_for_node(node) or ""
    return ""


def read_names(node: cst.CSTNode) -> set[str]:
    """All names that occur in the node, but for those of attributes, keywords and imports."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [node]
    while pending:
        each = pending.pop()
        match each:
            case cst.Name(value=value):
                found.add(value)
            case cst.Attribute(value=value):
                pending.append(value)
            case cst.Arg(value=value):
                pending.append(value)
            case cst.Import() | cst.ImportFrom():
                pass
            case _:
                pending.extend(children(each))
    return found


def inner_bound(module: cst.Module) -> set[str]:
    """Names that functions, lambdas, classes and comprehensions of the program bind for themselves."""
    found: set[str] = set()
    for node in walk(module):
        match node:
            case cst.FunctionDef(body=body):
                found |= set(bound(body.body).all) - _globals(body)
            case cst.ClassDef(body=body):
                found |= set(bound(body.body).all)
            case cst.Param(name=name):
                found.add(name.value)
            case cst.CompFor(target=target):
                found.update(target_names(target))
    return found


def _globals(body: cst.CSTNode) -> set[str]:
    return {item.name.value for node in walk(body) if isinstance(node, cst.Global) for item in node.names}


def has(module: cst.CSTNode, *kinds: type[cst.CSTNode]) -> bool:
    return any(isinstance(node, kinds) for node in walk(module))


def is_import(statement: cst.CSTNode) -> bool:
    """Does the statement only import, be it for annotations (`if TYPE_CHECKING:`)?"""
    if isinstance(statement, cst.If) and dotted(statement.test).endswith("TYPE_CHECKING"):
        return statement.orelse is None and all(map(is_import, statement.body.body))
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body
    )


def is_star_import(statement: cst.CSTNode) -> bool:
    return any(isinstance(node, cst.ImportStar) for node in walk(statement))


def is_future(statement: cst.CSTNode) -> bool:
    return m.matches(
        statement, m.SimpleStatementLine([m.ImportFrom(module=m.Name("__future__")), m.ZeroOrMore()])
    )


def is_docstring(statement: cst.CSTNode) -> bool:
    return m.matches(statement, m.SimpleStatementLine([m.Expr(m.SimpleString() | m.ConcatenatedString())]))


def prologue(body: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """The docstring and the imports at the top; and the rest."""
    count = 0
    while count < len(body) and (is_import(body[count]) or (count == 0 and is_docstring(body[count]))):
        count += 1
    return list(body[:count]), list(body[count:])


def is_for_tests(module: cst.Module) -> bool:
    """pytest finds functions by name at module level: they can stand nowhere else."""
    names = read_names(module)
    return "pytest" in names or any(name.startswith(("test_", "Test")) for name in names)


def line(code: str) -> cst.SimpleStatementLine:
    statement = cst.parse_statement(code)
    assert isinstance(statement, cst.SimpleStatementLine)
    return statement


def block(statements: Sequence[cst.CSTNode]) -> cst.IndentedBlock:
    return cst.IndentedBlock(list(statements))  # type: ignore[arg-type]
