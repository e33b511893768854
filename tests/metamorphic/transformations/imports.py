"""The same things imported in other ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import bound, dotted, inner_bound, is_future, local_name, walk
from tests.metamorphic.transformations.registry import transformation

LIBRARIES = ("peft", "transformers", "trl", "diffusers", "torch", "accelerate")
#: where the libraries themselves define what they offer (peft 0.18, transformers 4.57)
HOMES = {
    "peft.PeftModel": "peft.peft_model",
    "peft.PeftModelForCausalLM": "peft.peft_model",
    "peft.PeftMixedModel": "peft.mixed_model",
    "peft.PeftConfig": "peft.config",
    "peft.LoraConfig": "peft.tuners.lora",
    "peft.LoraModel": "peft.tuners.lora",
    "peft.get_peft_model": "peft.mapping_func",
    "peft.inject_adapter_in_model": "peft.mapping",
    "peft.AutoPeftModelForCausalLM": "peft.auto",
    "peft.TaskType": "peft.utils.peft_types",
    "peft.prepare_model_for_kbit_training": "peft.utils.other",
    "peft.get_peft_model_state_dict": "peft.utils.save_and_load",
    "peft.set_peft_model_state_dict": "peft.utils.save_and_load",
    "peft.load_peft_weights": "peft.utils.save_and_load",
    "transformers.AutoModelForCausalLM": "transformers.models.auto.modeling_auto",
    "transformers.AutoTokenizer": "transformers.models.auto.tokenization_auto",
    "transformers.Trainer": "transformers.trainer",
    "transformers.TrainingArguments": "transformers.training_args",
    "trl.SFTTrainer": "trl.trainer.sft_trainer",
    "trl.DPOTrainer": "trl.trainer.dpo_trainer",
}


@dataclass
class Imported:
    """A name that `from MODULE import NAME` binds."""

    module: str
    name: str


class _Rewriter(cst.CSTTransformer):
    """Replaces imported names where they are read."""

    def __init__(self, names: dict[str, cst.BaseExpression]) -> None:
        self.names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        new = self.names.get(original_node.value)
        return new.deep_clone() if new is not None else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False


def _importable(module: cst.Module) -> dict[str, Imported]:
    """Names from the libraries, imported at any level, that nothing else binds."""
    found: dict[str, Imported] = {}
    taken = set(bound(module.body).plain | bound(module.body).other | bound(module.body).defined)
    for node in walk(module):
        if (
            isinstance(node, cst.ImportFrom)
            and not node.relative
            and not isinstance(node.names, cst.ImportStar)
        ):
            base = dotted(node.module)
            if base.partition(".")[0] in LIBRARIES:
                for alias in node.names:
                    local = local_name(alias)
                    if local in found:
                        taken.add(local)
                    found[local] = Imported(base, dotted(alias.name))
        elif isinstance(node, cst.ImportAlias):
            pass
        if isinstance(node, cst.Param):
            taken.add(node.name.value)
    inner = inner_bound(module)
    at_top = bound(module.body).imported
    return {n: i for n, i in found.items() if n not in taken and not (n in inner and n in at_top)}


class _Statements(cst.CSTTransformer):
    """Rewrites the import statements: `change(node, its names)` gives the small statements to put there."""

    def __init__(
        self,
        names: dict[str, Imported],
        change: Callable[[str, list[cst.ImportAlias]], list[cst.BaseSmallStatement]],
    ) -> None:
        self.names = names
        self.change = change

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.FlattenSentinel[cst.BaseSmallStatement]:
        if isinstance(original_node.names, cst.ImportStar) or original_node.relative:
            return updated_node
        moved = [a for a in original_node.names if local_name(a) in self.names]
        if not moved:
            return updated_node
        kept = [
            a.with_changes(comma=cst.MaybeSentinel.DEFAULT) for a in original_node.names if a not in moved
        ]
        made = self.change(dotted(original_node.module), moved)
        if kept:
            made.append(cst.ImportFrom(module=original_node.module, names=kept))
        return cst.FlattenSentinel(made)


def _statement(code: str) -> cst.BaseSmallStatement:
    line = cst.parse_statement(code)
    assert isinstance(line, cst.SimpleStatementLine)
    return line.body[0]


@transformation("import module as M")
def module_aliases(module: cst.Module) -> Variant | None:
    names = _importable(module)
    if not names:
        return None
    short = {base: "M_" + base.replace(".", "_") for base in {i.module for i in names.values()}}
    text = module.visit(
        _Rewriter({n: cst.parse_expression(f"{short[i.module]}.{i.name}") for n, i in names.items()})
    ).visit(_Statements(names, lambda base, moved: [_statement(f"import {base} as {short[base]}")]))
    return Variant.of(text)


@transformation("import module")
def plain_modules(module: cst.Module) -> Variant | None:
    names = _importable(module)
    variables = set(bound(module.body).plain) | inner_bound(module)
    names = {n: i for n, i in names.items() if i.module.partition(".")[0] not in variables}
    if not names:
        return None
    text = module.visit(
        _Rewriter({n: cst.parse_expression(f"{i.module}.{i.name}") for n, i in names.items()})
    ).visit(_Statements(names, lambda base, moved: [_statement(f"import {base}")]))
    return Variant.of(text)


@transformation("from module import X as Y")
def name_aliases(module: cst.Module) -> Variant | None:
    names = _importable(module)
    if not names:
        return None
    new = {local: f"N{index}" for index, local in enumerate(names)}

    def change(base: str, moved: list[cst.ImportAlias]) -> list[cst.BaseSmallStatement]:
        return [
            _statement(f"from {base} import {names[local_name(a)].name} as {new[local_name(a)]}")
            for a in moved
        ]

    return Variant.of(
        module.visit(_Rewriter({n: cst.Name(new[n]) for n in names})).visit(_Statements(names, change))
    )


@transformation("imported from where it is defined")
def deep_imports(module: cst.Module) -> Variant | None:
    names = {n: i for n, i in _importable(module).items() if f"{i.module}.{i.name}" in HOMES}
    if not names or "# target:" in module.code:
        # older releases have their homes elsewhere
        return None

    def change(base: str, moved: list[cst.ImportAlias]) -> list[cst.BaseSmallStatement]:
        found = [(names[local_name(a)], local_name(a)) for a in moved]
        return [
            _statement(f"from {HOMES[f'{i.module}.{i.name}']} import {i.name} as {local}")
            for i, local in found
        ]

    return Variant.of(module.visit(_Statements(names, change)))


@transformation("import the defining module as M")
def deep_module_aliases(module: cst.Module) -> Variant | None:
    names = {n: i for n, i in _importable(module).items() if f"{i.module}.{i.name}" in HOMES}
    if not names or "# target:" in module.code:
        # older releases have their homes elsewhere
        return None
    home = {n: HOMES[f"{i.module}.{i.name}"] for n, i in names.items()}
    short = {h: "M_" + h.replace(".", "_") for h in home.values()}

    def change(base: str, moved: list[cst.ImportAlias]) -> list[cst.BaseSmallStatement]:
        homes = dict.fromkeys(home[local_name(a)] for a in moved)
        return [_statement(f"import {h} as {short[h]}") for h in homes]

    text = module.visit(
        _Rewriter({n: cst.parse_expression(f"{short[home[n]]}.{i.name}") for n, i in names.items()})
    ).visit(_Statements(names, change))
    return Variant.of(text)


@transformation("from module import *")
def star_imports(module: cst.Module) -> Variant | None:
    names = {
        n: i
        for n, i in _importable(module).items()
        if n == i.name and i.module in ("peft", "transformers", "trl", "diffusers")
    }
    at_top = bound(module.body).imported
    names = {n: i for n, i in names.items() if n in at_top and n not in inner_bound(module)}
    if not names or "modules" in names:
        return None
    return Variant.of(
        module.visit(_Statements(names, lambda base, moved: [_statement(f"from {base} import *")]))
    )


@transformation("imports in try / except ImportError")
def guarded_imports(module: cst.Module) -> Variant | None:
    """Who goes on without the name."""
    return _guarded(module, lambda small: f"{' = '.join(local_name(alias) for alias in small.names)} = None")


@transformation("imports in try / except ImportError that raises")
def imports_or_raise(module: cst.Module) -> Variant | None:
    """Who only says it in words of his own."""
    return _guarded(module, lambda small: 'raise ImportError("pip install peft trl") from None')


def _guarded(module: cst.Module, otherwise: Callable[[cst.ImportFrom], str]) -> Variant | None:
    body: list[cst.CSTNode] = []
    changed = False
    for statement in module.body:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if (
            isinstance(small, cst.ImportFrom)
            and not is_future(statement)
            and not isinstance(small.names, cst.ImportStar)
            and dotted(small.module).startswith(("peft", "trl"))
        ):
            changed = True
            handler = cst.ExceptHandler(
                body=cst.IndentedBlock([cst.parse_statement(otherwise(small))]), type=cst.Name("ImportError")
            )
            body.append(cst.Try(body=cst.IndentedBlock([statement]), handlers=[handler]))
        else:
            body.append(statement)
    return Variant.of(module.with_changes(body=body)) if changed else None
