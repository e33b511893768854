"""Where in a project the type of a receiver can be seen: an independent, flow-blind look at the syntax.

For `model.set_adapter(...)` it asks which expression made `model`: a producer of the libraries
(`get_peft_model`, `AutoModelForCausalLM.from_pretrained` ...), an annotation, an `isinstance` test; and how
far from the call that is. It knows nothing of the linter's own semantics, which is measured against it
(`benchmarks.receivers`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from benchmarks.outline import Module, Scope, first_name, last_name, names_model

LIBRARIES = ("peft", "transformers", "diffusers", "trl", "unsloth", "optimum")
CLASS = re.compile(
    r"Peft\w*Model\w*|PeftModel|AutoModel\w*|AutoPeft\w+|\w+For[A-Z]\w+|\w*Model\w*|\w+Pipeline|\w+LMHeadModel"
)
#: functions and methods that give back (one of) the models that they get
PASS_ON = frozenset(
    {
        "get_peft_model",
        "prepare_model_for_kbit_training",
        "prepare_model_for_int8_training",
        "unwrap_model",
        "deepcopy",
        "to",
        "eval",
        "train",
        "cuda",
        "cpu",
        "half",
        "float",
        "bfloat16",
        "merge_and_unload",
        "unload",
        "get_base_model",
        "requires_grad_",
        "compile",
        "prepare",
        "prepare_model",
    }
)
#: attributes of a model (or a trainer) that are models
PARTS = frozenset(
    {"model", "base_model", "module", "unet", "transformer", "text_encoder", "pretrained_model"}
)
DEEPEST = 8


class Distance(IntEnum):
    """How far from the call the evidence lies."""

    FUNCTION = 1
    FILE = 2
    PROJECT = 3


class Evidence:
    """Answers for one project. `find(path, module, level, name)`: the file and the name that is imported."""

    def __init__(self, modules: dict[str, Module], find: Callable[..., tuple[str, str] | None]) -> None:
        self.modules = modules
        self.find = find
        self._busy: set[tuple[int, int]] = set()

    def of(self, expression: ast.expr, module: Module, scope: Scope) -> Distance | None:
        """How far away it can be seen that the expression is a model; None: nowhere in the project."""
        return self._of(expression, module, scope, 0)

    def _best(self, found: Iterable[Distance | None], least: Distance) -> Distance | None:
        distances = [max(distance, least) for distance in found if distance is not None]
        return min(distances, default=None)

    def _of(
        self, node: ast.expr, module: Module, scope: Scope, depth: int, position: int | None = None
    ) -> Distance | None:
        key = (id(node), position if position is not None else -1)
        if depth > DEEPEST or key in self._busy:
            return None
        self._busy.add(key)
        try:
            return self._look(node, module, scope, depth + 1, position)
        finally:
            self._busy.discard(key)

    def _look(
        self, node: ast.expr, module: Module, scope: Scope, depth: int, position: int | None
    ) -> Distance | None:
        match node:
            case ast.Name(id=name):
                return self._name(name, module, scope, depth)
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
                return self._self(attribute, module, scope, depth)
            case ast.Attribute(value=inner, attr=attribute) if attribute in PARTS:
                return self._of(inner, module, scope, depth)
            case ast.Call():
                return self._call(node, module, scope, depth, position)
            case ast.IfExp(body=one, orelse=other):
                return self._any([one, other], module, scope, depth)
            case ast.BoolOp(values=values):
                return self._any(values, module, scope, depth)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Starred(value=inner):
                return self._of(inner, module, scope, depth, position)
        return None

    def _any(self, values: Iterable[ast.expr], module: Module, scope: Scope, depth: int) -> Distance | None:
        return self._best((self._of(value, module, scope, depth) for value in values), Distance.FUNCTION)

    def _name(self, name: str, module: Module, scope: Scope, depth: int) -> Distance | None:
        current: Scope | None = scope
        least = Distance.FUNCTION
        while current is not None:
            if name in current.annotated:
                return least
            if name in current.bindings:
                values = current.bindings[name]
                place = current
                found = self._best((self._of(v, module, place, depth, p) for v, p in values), least)
                if found is not None:
                    return found
            if name in current.parameters:
                return self._parameter(name, module, current, depth)
            current, least = current.parent, Distance.FILE
        return self._imported(name, module, depth, call=False)

    def _parameter(self, name: str, module: Module, scope: Scope, depth: int) -> Distance | None:
        """What the calls of the function in its own file give for the parameter."""
        function = scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        is_method = scope.owner is not None and scope.parameters[:1] in (["self"], ["cls"])
        index = scope.parameters.index(name) - is_method
        found: list[Distance | None] = []
        for call, where in module.calls:
            if last_name(call.func) != function.name:
                continue
            given = next((k.value for k in call.keywords if k.arg == name), None)
            if given is None and 0 <= index < len(call.args):
                given = call.args[index]
            if given is not None:
                found.append(self._of(given, module, where, depth))
        return self._best(found, Distance.FILE)

    def _self(self, attribute: str, module: Module, scope: Scope, depth: int) -> Distance | None:
        owner = _owner(scope)
        return self._member(owner, attribute, module, scope, depth) if owner is not None else None

    def _member(
        self, owner: ast.ClassDef, attribute: str, module: Module, scope: Scope | None, depth: int
    ) -> Distance | None:
        found: list[Distance | None] = []
        for value, position, where in module.attributes.get((owner.name, attribute), ()):
            near = Distance.FUNCTION if where is scope else Distance.FILE
            found.append(self._best([self._of(value, module, where, depth, position)], near))
        function = module.functions.get(f"{owner.name}.{attribute}")
        if function is not None:  # a property
            found.append(self._returns(function, module, depth, None))
        for base in owner.bases if depth <= DEEPEST else ():
            name = last_name(base)
            if name in module.classes and module.classes[name] is not owner:
                found.append(self._member(module.classes[name], attribute, module, None, depth + 1))
            elif (other := self._resolve(name, module)) is not None and other[1] in other[0].classes:
                inherited = self._member(other[0].classes[other[1]], attribute, other[0], None, depth + 1)
                found.append(self._best([inherited], Distance.PROJECT))
        return self._best(found, Distance.FUNCTION)

    def _call(
        self, node: ast.Call, module: Module, scope: Scope, depth: int, position: int | None
    ) -> Distance | None:
        function, name = node.func, last_name(node.func)
        if self._is_producer(function, module):
            return Distance.FUNCTION
        if name.endswith("Trainer"):
            given = [k.value for k in node.keywords if k.arg == "model"] + node.args[:1]
            return self._any(given, module, scope, depth)
        if name in PASS_ON:
            given = [function.value] if isinstance(function, ast.Attribute) else []
            given += node.args[:1]
            return self._any(given, module, scope, depth)
        if isinstance(function, ast.Name):
            local = module.functions.get(name)
            if local is not None:
                return self._best([self._returns(local, module, depth, position)], Distance.FILE)
            return self._imported(name, module, depth, call=True, position=position)
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            owner = _owner(scope)
            if function.value.id in ("self", "cls") and owner is not None:
                method = module.functions.get(f"{owner.name}.{name}")
                found = self._returns(method, module, depth, position) if method is not None else None
                return self._best([found], Distance.FILE)
            other = self._resolve(function.value.id, module)
            if other is not None and not other[1] and name in other[0].functions:
                found = self._returns(other[0].functions[name], other[0], depth, position)
                return self._best([found], Distance.PROJECT)
        return None

    def _is_producer(self, function: ast.expr, module: Module) -> bool:
        """A class or function of the libraries that makes a model, imported in this file."""
        maker = function
        if isinstance(function, ast.Attribute) and function.attr == "from_pretrained":
            maker = function.value
        name, root = last_name(maker), first_name(maker)
        library = module.imports.get(root, ("",))[0].partition(".")[0]
        if library not in LIBRARIES:
            return False
        return name == "get_peft_model" or (CLASS.fullmatch(name) is not None and "Config" not in name)

    def _returns(
        self, function: ast.AST, module: Module, depth: int, position: int | None
    ) -> Distance | None:
        scope = module.scopes[function]
        annotation = getattr(function, "returns", None)
        if annotation is not None and position is None and names_model(annotation):
            return Distance.FUNCTION
        found: list[Distance | None] = []
        for node in _own(function):
            value = node.value if isinstance(node, ast.Return | ast.Yield) else None
            if value is None:
                continue
            if position is not None and isinstance(value, ast.Tuple) and position < len(value.elts):
                found.append(self._of(value.elts[position], module, scope, depth))
            else:
                found.append(self._of(value, module, scope, depth, position))
        return self._best(found, Distance.FUNCTION)

    def _resolve(self, name: str, module: Module) -> tuple[Module, str] | None:
        if name not in module.imports:
            return None
        found = self.find(module.path, *module.imports[name])
        if found is None or found[0] not in self.modules:
            return None
        return self.modules[found[0]], found[1]

    def _imported(
        self, name: str, module: Module, depth: int, call: bool, position: int | None = None
    ) -> Distance | None:
        other = self._resolve(name, module)
        if other is None or not other[1] or depth > DEEPEST:
            return None
        there, member = other
        if call and member in there.functions:
            found = self._returns(there.functions[member], there, depth, position)
        elif member in there.imports:
            found = self._imported(member, there, depth + 1, call, position)
        else:
            found = self._name(member, there, there.scopes[there.tree], depth + 1)
        return self._best([found], Distance.PROJECT)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own(child)


def _owner(scope: Scope | None) -> ast.ClassDef | None:
    while scope is not None and scope.owner is None:
        scope = scope.parent
    return scope.owner if scope is not None else None
