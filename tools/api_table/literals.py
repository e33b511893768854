"""Strings that a release of peft accepts, read from the code that compares them: annotations lag behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe


@dataclass(frozen=True)
class Compared:
    """A parameter that accepts the strings which the named functions of these files compare it with.

    With `patterns`, startswith and endswith count as well.
    """

    what: str
    files: tuple[str, ...]
    variable: str
    functions: tuple[str, ...]
    patterns: bool = True


COMPARED = (
    Compared(
        "peft.LoraConfig.init_lora_weights",
        ("peft/tuners/lora/layer.py", "peft/tuners/lora.py"),
        "init_lora_weights",
        ("update_layer", "reset_lora_parameters", "pissa_init"),
    ),
    Compared(
        "peft.LoraConfig.bias",
        ("peft/tuners/tuners_utils.py", "peft/tuners/lora/model.py", "peft/tuners/lora.py"),
        "bias",
        ("_mark_only_adapters_as_trainable", "mark_only_lora_as_trainable"),
    ),
    Compared(
        "peft.LoraModel.add_weighted_adapter.combination_type",
        ("peft/tuners/lora/model.py", "peft/tuners/lora.py"),
        "combination_type",
        (
            "add_weighted_adapter",
            "_check_add_weighted_adapter",
            "_svd_weighted_adapter",
            "_svd_generalized_task_arithmetic_weighted_adapter",
        ),
        patterns=False,
    ),
)

#: enumerations of strings, by the path where they are looked for
ENUMERATIONS = ("peft.TaskType", "peft.PeftType")


def literals(folder: Path, package: griffe.Module) -> dict[str, str]:
    """Accepted strings by what they are accepted for, joined by blanks. Where any string is good, nothing.

    "pissa_niter_*" stands for all strings of that form, "gaussian/i" for any case.
    """
    found = {
        compared.what: " ".join(values) for compared in COMPARED if (values := _compared(compared, folder))
    }
    for path in ENUMERATIONS:
        values = _enumerated(package, path)
        if values:
            found[path] = " ".join(values)
    return found


def _compared(compared: Compared, folder: Path) -> list[str]:
    values: set[str] = set()
    for name in compared.files:
        if not (folder / name).is_file():
            continue
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name in compared.functions:
                values.update(_comparisons(function, compared.variable))
    if not compared.patterns:
        values = {value for value in values if "*" not in value}
    if any("_niter_" in value for value in values):
        # Between the prefix and the two exact forms stands a ValueError for all else.
        values -= {"pissa*"}
        values = {value.replace("*_niter_*", "pissa_niter_*") for value in values}
    return sorted(values)


def _comparisons(function: ast.FunctionDef, variable: str) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str(text))]):
                if _is(left, variable):
                    yield text
                elif _is_lowered(left, variable):
                    yield f"{text}/i"
            case ast.Compare(
                left=left, ops=[ast.In()], comparators=[ast.List(elts=elements) | ast.Tuple(elts=elements)]
            ) if _is(left, variable):
                constants = (each.value for each in elements if isinstance(each, ast.Constant))
                yield from (value for value in constants if isinstance(value, str))
            case ast.Call(
                func=ast.Attribute(value=value, attr="startswith" | "endswith" | "split" as method),
                args=[ast.Constant(value=str(text))],
            ) if _is(value, variable):
                yield {"startswith": f"{text}*", "endswith": f"*{text}", "split": f"*{text}*"}[method]
            case _:
                pass


def _is(node: ast.expr, variable: str) -> bool:
    return isinstance(node, ast.Name) and node.id == variable


def _is_lowered(node: ast.expr, variable: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="lower")):
            return _is(value, variable)
        case _:
            return False


def _enumerated(package: griffe.Module, path: str) -> list[str]:
    try:
        member = package[path.partition(".")[2]]
        enumeration = member.final_target if isinstance(member, griffe.Alias) else member
    except (KeyError, griffe.AliasResolutionError):
        return []
    values = []
    for attribute in enumeration.members.values():
        if isinstance(attribute, griffe.Attribute) and attribute.value is not None:
            value = ast.literal_eval(str(attribute.value))
            if isinstance(value, str):
                values.append(value)
    return values
