"""What the rules on signatures and releases share: guards that make code right for several releases."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.api.signatures import Signature
    from peftlint.semantics.events import Event
    from peftlint.semantics.syntax import Syntax

#: conditions that ask for a release or for what an object has
_ASKS = re.compile(
    r"version|hasattr|getattr|isinstance|issubclass|signature|callable|find_spec|is_\w+_available|__doc__|TYPE_CHECKING",
    re.I,
)
#: a part of a condition that is the release, or made from it; no string of the program's
_RELEASE = re.compile(r"^[^'\"].*version", re.I)
#: a requirement in a string: the package, and the releases
_REQUIREMENT = re.compile(
    r"""["'](peft|transformers|diffusers|trl) ?((?:[<>=!~]=?\s*\d[\d.]*(?:\.\*)?\s*,?\s*)+)["']"""
)
#: packages whose flags and functions speak of something else than releases
_TELLS_NOTHING = sys.stdlib_module_names | set(
    "torch numpy datasets transformers peft diffusers trl accelerate".split()
)
_SUPPRESSES = re.compile(r"suppress|raises|assertRaises")
#: beyond this many releases a range is read at its ends and in even steps
_MOST = 12


def guarded(event: Event) -> bool:
    """Does the code ask, around the event, for a release or for what the object has?"""
    for decision in event.guards:
        if _ASKS.search(decision.key) or any(_RELEASE.search(part) for part in decision.parts):
            return True
    return _asks_around(event.syntax, event.node) or _required_before(event.syntax, event.node)


def _asks_around(syntax: Syntax, node: cst.CSTNode) -> bool:
    import libcst as cst

    parent = syntax.parent(node)
    while parent is not None:
        kind = type(parent)  # `isinstance` asks the abstract classes of libcst, which takes ten times as long
        if kind is cst.If or kind is cst.IfExp:
            test: cst.BaseExpression = parent.test  # type: ignore[attr-defined]
            if _asks(syntax, test) or _told_elsewhere(syntax, test):
                return True
        parent = syntax.parent(parent)
    return False


def _required_before(syntax: Syntax, node: cst.CSTNode) -> bool:
    """Does the way to the node lead past `require_version("trl<=0.9.6")` or the like, by which the newest release fails?"""
    import libcst as cst

    from peftlint.semantics.api.releases import newest_release

    if not _requires(syntax.code):
        return False
    parent = syntax.parent(node)
    while parent is not None:
        if isinstance(parent, cst.IndentedBlock | cst.Module):
            for statement in parent.body:
                if statement is node:
                    break
                if isinstance(statement, cst.FunctionDef | cst.ClassDef):
                    continue
                for package, asked in _REQUIREMENT.findall(syntax.text(statement)):
                    if _excludes(asked, newest_release(package)):
                        return True
        node, parent = parent, syntax.parent(parent)
    return False


@lru_cache(maxsize=16)
def _requires(code: str) -> bool:
    """Does the code ask for a release anywhere?"""
    return _REQUIREMENT.search(code) is not None


def _excludes(asked: str, release: str) -> bool:
    try:
        return not SpecifierSet(asked.replace(" ", "").rstrip(",")).contains(release)
    except InvalidSpecifier:
        return False


def _asks(syntax: Syntax, test: cst.CSTNode) -> bool:
    """Does a condition ask so itself, or by a name that holds the answer: `old = Version(...) < ...; if old:`?"""
    from peftlint.rules.plain import plain

    text = plain(test)
    if _ASKS.search(text):
        return True
    answers = _answers(syntax)
    return any(name in answers for name in re.findall(r"(?<![\w.])[A-Za-z_][\w.]*", text))


def _told_elsewhere(syntax: Syntax, test: cst.CSTNode) -> bool:
    """Is a condition told by another module, and by nothing of the program's own: `from .compat import OLD; if OLD:`?

    What the module found out may be the release.
    """
    import libcst as cst

    match test:
        case cst.UnaryOperation(expression=inner):
            return _told_elsewhere(syntax, inner)
        case cst.BooleanOperation(left=left, right=right):
            return _told_elsewhere(syntax, left) or _told_elsewhere(syntax, right)
        case cst.Call(func=function, args=args):
            constant = all(isinstance(arg.value, cst.SimpleString | cst.Integer | cst.Float) for arg in args)
            return constant and _root(function) in _imported(syntax)
        case cst.Attribute(attr=cst.Name(value=name)):
            return name.isupper() and _root(test) in _imported(syntax)
        case cst.Name(value=name):
            return name in _imported(syntax)
    return False


def _root(node: cst.CSTNode) -> str:
    """`a` of `a.b.c`, "" where there is no name."""
    import libcst as cst

    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


@lru_cache(maxsize=4)
def _imported(syntax: Syntax) -> frozenset[str]:
    """Names that come from the project's own modules, or from packages that may know the releases."""
    import libcst as cst
    from libcst.helpers import get_full_name_for_node

    names: set[str] = set()
    for node in syntax.every(cst.Import, cst.ImportFrom):
        assert isinstance(node, cst.Import | cst.ImportFrom)
        if isinstance(node.names, cst.ImportStar):
            continue
        for alias in node.names:
            origin = node.module if isinstance(node, cst.ImportFrom) else alias.name
            relative = isinstance(node, cst.ImportFrom) and bool(node.relative)
            package = (get_full_name_for_node(origin) if origin is not None else "") or ""
            if relative or package.partition(".")[0] not in _TELLS_NOTHING:
                names.add(_root(alias.asname.name if alias.asname is not None else alias.name))
    return frozenset(names)


@lru_cache(maxsize=4)
def _answers(syntax: Syntax) -> frozenset[str]:
    """The names, and attributes of names (`self.old`), that are only ever assigned what such a question answers."""
    import libcst as cst

    from peftlint.rules.plain import plain

    if not _ASKS.search(syntax.code):
        return frozenset()
    asked: dict[str, bool] = {}
    for node in syntax.every(cst.Assign):
        assert isinstance(node, cst.Assign)
        if len(node.targets) == 1 and isinstance(node.targets[0].target, cst.Name | cst.Attribute):
            target = plain(node.targets[0].target)
            if re.fullmatch(r"[\w.]+", target):
                truth = isinstance(
                    node.value, cst.Comparison | cst.BooleanOperation | cst.UnaryOperation | cst.Call
                )
                asks = truth and _ASKS.search(syntax.text(node.value)) is not None
                asked[target] = asks and asked.get(target, True)
    return frozenset(name for name, asks in asked.items() if asks)


def caught(event: Event, *exceptions: str) -> bool:
    """Is one of these exceptions expected there: by a try or `suppress` around it in its function, or by a test?"""
    import libcst as cst

    from peftlint.semantics.handling import expects

    if event.expected_failure:
        return True
    syntax, node = event.syntax, event.node
    if not _catches(syntax.code):
        return False
    parent = syntax.parent(node)
    while parent is not None and not isinstance(parent, cst.FunctionDef | cst.Lambda):
        match parent:
            case cst.Try(body=body, handlers=handlers) if body is node:
                catching = (h for h in handlers if h.type is None or _names(syntax, h.type, exceptions))
                if any(expects(syntax, parent, handler) for handler in catching):
                    return True
            case cst.ExceptHandler(type=kind) if kind is not None and _names(syntax, kind, exceptions):
                # what is done for the releases that have it not
                return True
            case cst.With(items=items):
                texts = (item.item for item in items if isinstance(item.item, cst.Call))
                if any(
                    _SUPPRESSES.search(syntax.text(call.func)) and _names(syntax, call, exceptions)
                    for call in texts
                ):
                    return True
        node, parent = parent, syntax.parent(parent)
    return False


@lru_cache(maxsize=16)
def _catches(code: str) -> bool:
    """Is any exception expected anywhere in the code?"""
    return "except" in code or _SUPPRESSES.search(code) is not None


def _names(syntax: Syntax, node: cst.CSTNode, exceptions: tuple[str, ...]) -> bool:
    return bool({*exceptions, "Exception", "BaseException"} & set(re.findall(r"\w+", syntax.text(node))))


def signatures(analysis: Analysis, symbol: str) -> list[Signature]:
    """How the symbol is called in the admitted releases; empty where one has it not or not wholly known.

    Of a copy in the project too, which mostly is there because it was changed.
    """
    from peftlint.semantics.api import table

    package = symbol.partition(".")[0]
    if analysis.targets.of(package).copied:
        return []
    others = [target for target in analysis.targets.each() if target.package != package]
    newest = {target.package: target.newest for target in others}
    oldest = {target.package: target.oldest for target in others}
    found: list[Signature] = []
    for release in some_releases(analysis, package):
        # a config of trl takes what transformers' takes: of several releases of that, the first or the last may be there
        for companions in (newest,) if oldest == newest else (oldest, newest):
            signature = table.signature(symbol, release, companions)
            if signature is None or not signature.complete:
                return []
            found.append(signature)
    return found


def some_releases(analysis: Analysis, package: str) -> list[str]:
    """The admitted releases of the package; of very many only some, the first and the last among them."""
    releases = list(analysis.targets.of(package).releases)
    if len(releases) > _MOST:
        step = (len(releases) - 1) / (_MOST - 1)
        releases = [releases[round(step * index)] for index in range(_MOST)]
    return releases


def described(analysis: Analysis, package: str) -> str:
    """ "peft 0.21.2" or "peft 0.17.0 to 0.18.1"."""
    target = analysis.targets.of(package)
    return (
        f"{package} {target.newest}"
        if target.oldest == target.newest
        else f"{package} {target.oldest} to {target.newest}"
    )


def patches_trainers(analysis: Analysis) -> bool:
    """Does the source import unsloth, which makes trainers take the old keywords again when it is imported?"""
    return bool(re.search(r"^\s*(?:from|import)\s+unsloth\b", analysis.syntax.code, re.M))


def uses_adapters(analysis: Analysis) -> bool:
    """Does the source use PEFT at all: an import of peft, or an adapter on a model?"""
    from peftlint.semantics.events import (
        AdapterAdded,
        AdapterLoaded,
        FunctionCalled,
        NameImported,
        PipelineLora,
        Wrapped,
    )

    if any(event.name.startswith("peft") for event in analysis.all(NameImported)):
        return True
    if any(event.callee.startswith("peft.") for event in analysis.all(FunctionCalled)):
        return True
    return any(True for _ in analysis.all(AdapterAdded, AdapterLoaded, PipelineLora, Wrapped))
