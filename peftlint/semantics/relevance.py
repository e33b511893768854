"""Which functions of a source can matter, told from the standard library's tree before anything is interpreted.

A function matters *strongly* if it (or one that it names) mentions part of a PEFT API; the rest is run only where a
model with adapters can reach it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

import libcst as cst

from peftlint.semantics.positions import Start, starts_of
from peftlint.semantics.walk import children_of

#: identifiers that belong to the PEFT APIs of the followed libraries
STRONG = frozenset(
    """get_peft_model get_peft_config PeftConfig PeftModel PeftMixedModel inject_adapter_in_model
    prepare_model_for_kbit_training prepare_model_for_int8_training prepare_model_for_training
    get_peft_model_state_dict set_peft_model_state_dict load_peft_weights hotswap_adapter rescale_adapter_scale
    add_adapter load_adapter set_adapter set_adapters delete_adapter delete_adapters add_weighted_adapter
    disable_adapter disable_adapters enable_adapters disable_adapter_layers enable_adapter_layers active_adapter
    active_adapters merge_and_unload merge_adapter unmerge_adapter get_base_model adapter_name adapter_names
    peft_config peft_model init_lora_weights target_modules modules_to_save is_trainable lora_config lora_alpha
    load_lora_weights load_lora_adapter fuse_lora unfuse_lora unload_lora_weights disable_lora enable_lora
    get_model_status get_layer_status selected_adapters FastLanguageModel FastModel FastVisionModel
    from_pretrained from_config past_key_values""".split()
)
_STRONG_PREFIXES = ("Peft", "AutoPeft", "AutoModel", "peft_", "lora_", "Lora")
_STRONG_SUFFIXES = ("Trainer", "Cache")
#: identifiers of calls that change models without naming PEFT
TOUCHING = frozenset(
    "backward step train fit load_state_dict requires_grad requires_grad_ copy_ unload train_model training_step".split()
)
#: identifiers of calls that only choose among the adapters that a PeftModel has
SWITCHING = frozenset(("set_adapter",))
#: and those that change which adapters a model has or runs
CHANGING = TOUCHING | frozenset(
    """load_adapter add_adapter set_adapter set_adapters delete_adapter delete_adapters add_weighted_adapter
    disable_adapters enable_adapters disable_adapter_layers enable_adapter_layers merge_adapter unmerge_adapter
    merge_and_unload set_peft_model_state_dict hotswap_adapter""".split()
)


def is_strong(name: str) -> bool:
    return name in STRONG or name.startswith(_STRONG_PREFIXES) or name.endswith(_STRONG_SUFFIXES)


#: method names that say nothing about which class is meant
_COMMON = frozenset(
    "__init__ __call__ forward main run get set load save eval to append update setUp tearDown".split()
)


@dataclass
class _Functions:
    """The functions in some statements, in the order in which they begin, and the names that each mentions."""

    names: list[frozenset[str]] = field(default_factory=list)
    short: list[bool] = field(default_factory=list)
    yields: list[bool] = field(default_factory=list)
    closures: list[bool] = field(default_factory=list)
    owners: list[tuple[str, str]] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    #: other names that PEFT's are imported under
    aliases: set[str] = field(default_factory=set)

    def add(self, other: _Functions, lines: int) -> None:
        """What the statements after these hold, which begin `lines` further down."""
        self.names += other.names
        self.short += other.short
        self.yields += other.yields
        self.closures += other.closures
        self.owners += other.owners
        self.aliases |= other.aliases
        self.starts += [(line + lines, tuple(each + lines for each in inner)) for line, inner in other.starts]


def _functions(code: str) -> _Functions | None:
    """None for newer syntax than this Python's, or magics."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = _Functions(starts=starts_of(tree))
    _collect(tree, found)
    return found


#: those of a part of a text that is being edited
_of_part = lru_cache(maxsize=1024)(_functions)


def _collect(tree: ast.Module, found: _Functions) -> None:
    """One way through the tree: functions in order, and each name into the bag of the function around it."""
    bags: list[tuple[set[str], set[str] | None]] = []
    pending: list[tuple[ast.AST, str, set[str] | None]] = [(node, "", None) for node in reversed(tree.body)]
    while pending:
        node, inside, bag = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            outer, bag = bag, set()
            bags.append((bag, outer))
            found.short.append(len(node.body) <= 3)
            yields, closures = _own_parts(node)
            found.yields.append(yields)
            found.closures.append(closures)
            found.owners.append((inside or node.name, node.name))
            inside = inside or node.name
        elif isinstance(node, ast.ClassDef):
            inside = inside or node.name
        elif isinstance(node, ast.alias):
            name = node.name.rpartition(".")[2]
            if bag is not None:
                bag.add(name)
            if node.asname is not None and is_strong(name):
                found.aliases.add(node.asname)
            continue
        children = _children(node)
        if bag is not None:
            _add_names([child for child in children if not isinstance(child, _ORDERED)], bag)
        pending += [(child, inside, bag) for child in reversed(children) if isinstance(child, _ORDERED)]
    for inner, outer in reversed(bags):
        if outer is not None:
            outer |= inner
    found.names = [frozenset(inner) for inner, _ in bags]


class Outline:
    """The functions of a source in the order in which they begin, and the names that each mentions.

    `parts` are the source in pieces of whole statements, if many of them were met before.
    """

    def __init__(self, code: str, strong_names: Iterable[str] = (), parts: Sequence[str] = ()) -> None:
        self.names: list[frozenset[str]] = []
        self.short: list[bool] = []
        self.yields: list[bool] = []
        self.closures: list[bool] = []
        self.strong: list[bool] = []
        self.starts: Sequence[Start] = ()
        found = _functions(code) if not parts else _joined(parts)
        #: otherwise everything may matter
        self.known = found is not None
        if found is not None:
            self.names, self.short = found.names, found.short
            self.yields, self.closures, self.starts = found.yields, found.closures, found.starts
            self._spread(found.owners, found.aliases.union(strong_names))

    def _spread(self, owners: list[tuple[str, str]], strong_names: Set[str]) -> None:
        """Functions that name a strong function (or class) of the source are strong themselves."""
        self.strong = [bool(names & strong_names) or any(map(is_strong, names)) for names in self.names]
        known = {name for names, strong in zip(owners, self.strong, strict=True) if strong for name in names}
        known -= _COMMON
        grown = True
        while grown:
            grown = False
            for index, names in enumerate(self.names):
                if not self.strong[index] and names & known:
                    self.strong[index] = True
                    known.update(set(owners[index]) - _COMMON)
                    grown = True


def _joined(parts: Sequence[str]) -> _Functions | None:
    whole, lines = _Functions(), 0
    for part in parts:
        found = _of_part(part)
        if found is None:
            return None
        whole.add(found, lines)
        part = part.replace("\r\n", "\n")
        lines += part.count("\n") + part.count("\r")
    return whole


#: what may hold statements, and imported names
_ORDERED = (ast.stmt, ast.excepthandler, ast.match_case, ast.alias)


class _Kinds(dict[type, int]):
    """What an attribute of a node of the standard library's tree holds: 0 no node, 1 a node, 2 a list."""

    def __missing__(self, kind: type) -> int:
        self[kind] = 2 if kind is list else int(issubclass(kind, ast.AST) and bool(kind._fields))
        return self[kind]


_KINDS = _Kinds()


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below, in the order of the fields (`ast.iter_child_nodes` takes four times as long)."""
    found: list[ast.AST] = []
    for value in node.__dict__.values():
        kind = _KINDS[type(value)]
        if kind == 1:
            found.append(value)
        elif kind == 2:
            found += [each for each in value if isinstance(each, ast.AST)]
    return found


def _add_names(pending: list[ast.AST], bag: set[str]) -> None:
    """Adds the names, attributes, keywords and parameters in the expressions."""
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is ast.Name:
            bag.add(node.id)  # type: ignore[attr-defined]
        elif kind is not ast.Constant:
            if kind is ast.Attribute:
                bag.add(node.attr)  # type: ignore[attr-defined]
            elif kind is ast.keyword or kind is ast.arg:
                name = node.arg  # type: ignore[attr-defined]
                if name is not None:
                    bag.add(name)
            pending += _children(node)


def _own_parts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[bool, bool]:
    """Does the function itself yield, and does it define functions or classes?"""
    yields = closures = False
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is ast.Name or kind is ast.Constant:
            continue
        if kind in _DEFINITIONS:
            closures = True
            continue
        yields = yields or kind is ast.Yield or kind is ast.YieldFrom
        pending += _children(node)
    return yields, closures


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@lru_cache(maxsize=96)
def outline_of(code: str, strong_names: frozenset[str] = frozenset(), parts: tuple[str, ...] = ()) -> Outline:
    """The outline of a source; a file that others import is asked for twice."""
    return Outline(code, strong_names, parts)


def function_nodes(module: cst.Module) -> list[cst.FunctionDef]:
    """All function definitions of a module, in the order in which they begin."""
    found: list[cst.FunctionDef] = []
    _functions_in(module.body, found)
    return found


def _functions_in(statements: Iterable[cst.CSTNode], found: list[cst.FunctionDef]) -> None:
    for node in statements:
        match node:
            case cst.FunctionDef():
                found.append(node)
                _functions_in(node.body.body, found)
            case cst.ClassDef() | cst.With():
                _functions_in(node.body.body, found)
            case cst.If() | cst.For() | cst.While():
                _functions_in(node.body.body, found)
                orelse = node.orelse
                if isinstance(orelse, cst.If):
                    _functions_in([orelse], found)
                elif orelse is not None:
                    _functions_in(orelse.body.body, found)
            case cst.Try() | cst.TryStar():
                _functions_in(node.body.body, found)
                for handler in node.handlers:
                    _functions_in(handler.body.body, found)
                for part in (node.orelse, node.finalbody):
                    if part is not None:
                        _functions_in(part.body.body, found)
            case cst.Match():
                for case in node.cases:
                    _functions_in(case.body.body, found)


class Relevance:
    """Answers about the functions of one parsed source."""

    def __init__(
        self, code: str, module: cst.Module, strong_names: Iterable[str] = (), parts: Iterable[str] = ()
    ) -> None:
        outline = outline_of(code, frozenset(strong_names), tuple(parts))
        nodes = function_nodes(module)
        if not outline.known or len(nodes) != len(outline.names):
            self._index: dict[cst.CSTNode, int] = {}
        else:
            self._index = {node: index for index, node in enumerate(nodes)}
        self._outline = outline

    @property
    def starts(self) -> Sequence[Start]:
        return self._outline.starts

    def strong(self, node: cst.CSTNode) -> bool:
        index = self._index.get(node)
        return True if index is None else self._outline.strong[index]

    def short(self, node: cst.CSTNode) -> bool:
        index = self._index.get(node)
        return True if index is None else self._outline.short[index]

    def mentions(self, node: cst.CSTNode, names: Iterable[str]) -> bool:
        """Does the function mention one of the names? (True if that is not known.)"""
        index = self._index.get(node)
        return True if index is None else not self._outline.names[index].isdisjoint(names)

    def names(self, node: cst.CSTNode) -> frozenset[str] | None:
        """The names that the function mentions; None if that is not known."""
        index = self._index.get(node)
        return None if index is None else self._outline.names[index]

    def yields(self, node: cst.FunctionDef | cst.Lambda) -> bool:
        """Does the function's own body (not that of functions inside it) yield?"""
        index = self._index.get(node)
        return _contains(node.body, (cst.Yield,)) if index is None else self._outline.yields[index]

    def makes_closures(self, node: cst.FunctionDef | cst.Lambda) -> bool:
        """Are functions made in the body that may outlive the call?"""
        index = self._index.get(node)
        if index is not None:
            return self._outline.closures[index]
        return _contains(node.body, (cst.FunctionDef, cst.Lambda, cst.ClassDef), enter=False)


def _contains(root: cst.CSTNode, kinds: tuple[type[cst.CSTNode], ...], enter: bool = True) -> bool:
    pending: list[cst.CSTNode] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, kinds):
            return True
        if enter and node is not root and isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            continue
        pending.extend(children_of(node))
    return False
