"""Parts of the program in helpers, in other files, in notebook cells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import (
    Statement,
    bound,
    has,
    inner_bound,
    is_for_tests,
    is_future,
    is_import,
    is_star_import,
    line,
    prologue,
    read_names,
)
from tests.metamorphic.transformations.registry import transformation
from tests.metamorphic.transformations.wrapping import in_function


def _definitions(statements: Sequence[Statement]) -> list[Statement]:
    return [s for s in statements if isinstance(s, cst.FunctionDef | cst.ClassDef)]


def _separable(module: cst.Module) -> tuple[list[Statement], list[Statement], list[Statement]] | None:
    """Imports, definitions and the statements of a program whose definitions use none of its variables."""
    top, rest = prologue(module.body)  # type: ignore[arg-type]
    definitions = _definitions(rest)
    steps = [s for s in rest if s not in definitions]
    if (
        is_for_tests(module)
        or has(module, cst.Global, cst.Await)
        or any(is_import(s) or is_star_import(s) for s in steps)
    ):
        return None
    variables = bound(steps)
    if any(read_names(d) & (variables.plain | variables.other) - inner_bound(module) for d in definitions):
        return None
    if (variables.plain | variables.other) & inner_bound(module) and definitions:
        return None
    return top, definitions, steps


def _cut(steps: list[Statement], count: int) -> list[list[Statement]]:
    groups = [
        steps[index * len(steps) // count : (index + 1) * len(steps) // count] for index in range(count)
    ]
    return [group for group in groups if group]


Hand = Callable[[list[str]], tuple[str, str]]


def _helpers(module: cst.Module, count: int, hand: Hand, elsewhere: bool = False) -> Variant | None:
    """Groups of statements in functions of their own that are given variables and return them, as `hand` writes it."""
    parts = _separable(module)
    if parts is None:
        return None
    top, definitions, steps = parts
    if any(isinstance(s, cst.If) and "__name__" in read_names(s) for s in steps):
        return None
    groups = _cut(steps, count)
    if len(groups) < 2:
        return None
    variables = bound(steps)
    known: set[str] = set()
    functions: list[cst.CSTNode] = []
    calls: list[cst.CSTNode] = []
    for index, group in enumerate(groups):
        later = {name for other in groups[index + 1 :] for s in other for name in read_names(s)}
        reads = {name for s in group for name in read_names(s)}
        mine = bound(group)
        given = sorted(reads & known)
        returned = sorted((mine.plain | mine.other) & later)
        back, taken = hand(returned)
        code = f"def step{index}({', '.join(given)}):\n    pass\n"
        function = cst.ensure_type(cst.parse_statement(code), cst.FunctionDef)
        end = [line(back)] if returned else []
        functions.append(function.with_changes(body=cst.IndentedBlock([*group, *end])))
        call = f"step{index}({', '.join(given)})"
        calls += cst.parse_module(taken.replace("CALL", call) + "\n").body if returned else [line(call)]
        known |= (mine.plain | mine.other) & (variables.plain | variables.other)
    if elsewhere:
        names = ", ".join([*sorted(bound(definitions).defined), *(f"step{i}" for i in range(len(groups)))])
        return Variant(
            {
                "program.py": _text(module, [*top, line(f"from helpers import {names}"), *calls]),
                "helpers.py": _text(module, [*(s for s in top if is_import(s)), *definitions, *functions]),
            }
        )
    return Variant.of(module.with_changes(body=[*top, *definitions, *functions, *calls]))


@transformation("in helpers of another file")
def helpers_elsewhere(module: cst.Module) -> Variant | None:
    def hand(names: list[str]) -> tuple[str, str]:
        return f"return {', '.join(names)}", f"{', '.join(names)} = CALL"

    return _helpers(module, 3, hand, elsewhere=True)


@transformation("in helpers that return tuples")
def helpers_tuple(module: cst.Module) -> Variant | None:
    return _helpers(module, 2, lambda names: (f"return {', '.join(names)}", f"{', '.join(names)} = CALL"))


@transformation("in many helpers")
def many_helpers(module: cst.Module) -> Variant | None:
    return _helpers(module, 5, lambda names: (f"return {', '.join(names)}", f"{', '.join(names)} = CALL"))


@transformation("in helpers that return dicts")
def helpers_dict(module: cst.Module) -> Variant | None:
    def hand(names: list[str]) -> tuple[str, str]:
        pairs = ", ".join(f'"{name}": {name}' for name in names)
        return f"return {{{pairs}}}", "made = CALL\n" + "\n".join(
            f'{name} = made["{name}"]' for name in names
        )

    return _helpers(module, 2, hand)


@transformation("each assignment in a factory")
def factories(module: cst.Module) -> Variant | None:
    """`x = VALUE` becomes `x = make_x(what VALUE reads)`, the value in a function."""
    parts = _separable(module)
    if parts is None:
        return None
    top, definitions, steps = parts
    known = set(bound(steps).plain | bound(steps).other)
    functions: list[cst.CSTNode] = []
    changed: list[cst.CSTNode] = []
    for statement in steps:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if (
            isinstance(small, cst.Assign)
            and len(statement.body) == 1
            and isinstance(small.targets[0].target, cst.Name)
            and isinstance(small.value, cst.Call)
        ):
            given = ", ".join(sorted(read_names(small.value) & known))
            function = cst.ensure_type(
                cst.parse_statement(f"def make{len(functions)}({given}):\n    pass\n"), cst.FunctionDef
            )
            returned = statement.with_changes(body=[cst.Return(small.value)])
            call = small.with_changes(value=cst.parse_expression(f"make{len(functions)}({given})"))
            functions.append(function.with_changes(body=cst.IndentedBlock([returned])))
            changed.append(cst.SimpleStatementLine([call]))
        else:
            changed.append(statement)
    return (
        Variant.of(module.with_changes(body=[*top, *definitions, *functions, *changed]))
        if functions
        else None
    )


# -- files


def _text(module: cst.Module, body: Sequence[cst.CSTNode]) -> str:
    return module.with_changes(body=list(body)).code


@transformation("definitions in another file")
def definitions_elsewhere(module: cst.Module) -> Variant | None:
    parts = _separable(module)
    if parts is None or not parts[1] or not parts[2]:
        return None
    top, definitions, steps = parts
    names = ", ".join(sorted(bound(definitions).defined))
    plain_top = [s for s in top if is_import(s)]
    return Variant(
        {
            "program.py": _text(module, [*top, line(f"from helpers import {names}"), *steps]),
            "helpers.py": _text(module, [*plain_top, *definitions]),
        }
    )


@transformation("the first half in another file")
def half_elsewhere(module: cst.Module) -> Variant | None:
    parts = _separable(module)
    if parts is None or len(parts[2]) < 2:
        return None
    top, definitions, steps = parts
    first, second = _cut(steps, 2)
    reads = {name for s in [*second] for name in read_names(s)}
    made = bound(first)
    names = sorted((made.plain | made.other) & reads) + sorted(bound(definitions).defined & reads)
    plain_top = [s for s in top if is_import(s)]
    imported = [line(f"from setup_part import {', '.join(names)}")] if names else [line("import setup_part")]
    return Variant(
        {
            "program.py": _text(module, [*top, *imported, *second]),
            "setup_part.py": _text(module, [*plain_top, *definitions, *first]),
        }
    )


@transformation("the first half in a function of another file")
def half_in_function_elsewhere(module: cst.Module) -> Variant | None:
    parts = _separable(module)
    if parts is None or len(parts[2]) < 2:
        return None
    top, definitions, steps = parts
    first, second = _cut(steps, 2)
    reads = {name for s in second for name in read_names(s)}
    made = bound(first)
    names = sorted((made.plain | made.other) & reads)
    used = sorted(bound(definitions).defined & reads)
    if not names:
        return None
    plain_top = [s for s in top if is_import(s)]
    function = cst.FunctionDef(
        cst.Name("prepare"), cst.Parameters(), cst.IndentedBlock([*first, line(f"return {', '.join(names)}")])
    )
    lines = [
        line(f"from setup_part import {', '.join(['prepare', *used])}"),
        line(f"{', '.join(names)} = prepare()"),
    ]
    return Variant(
        {
            "program.py": _text(module, [*top, *lines, *second]),
            "setup_part.py": _text(module, [*plain_top, *definitions, function]),
        }
    )


def _imported(made: Variant) -> str:
    """The program's text where it no longer is the script itself."""
    return re.sub(r"""__name__ == (["'])__main__\1""", "True", made.files["program.py"])


@transformation("wholly in a function of another file")
def whole_elsewhere(module: cst.Module) -> Variant | None:
    made = in_function(module, "def run():\n    pass\n", "")
    if made is None:
        return None
    caller = 'from inner import run\n\nif __name__ == "__main__":\n    run()\n'
    return Variant({"inner.py": _imported(made), "start.py": caller})


@transformation("in a module of a package, imported relatively")
def in_a_package(module: cst.Module) -> Variant | None:
    made = in_function(module, "def run():\n    pass\n", "")
    if made is None:
        return None
    return Variant(
        {
            "work/__init__.py": "",
            "work/inner.py": _imported(made),
            "work/start.py": "from . import inner\n\n\ndef main():\n    inner.run()\n",
            "run.py": "from work.start import main\n\nmain()\n",
        }
    )


# -- notebooks


def _cells(module: cst.Module, size: int) -> list[str]:
    body = list(module.body)
    return [
        _text(module, body[start : start + size]).strip("\n") + "\n" for start in range(0, len(body), size)
    ]


def _cell(source: object) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _document(cells: list[dict[str, object]]) -> dict[str, object]:
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@transformation("a notebook, one statement a cell")
def notebook(module: cst.Module) -> Variant | None:
    if any(is_future(s) for s in module.body) or not module.body:
        return None

    def document(cells: list[str]) -> bytes:
        return json.dumps(_document([_cell(cell.splitlines(True)) for cell in cells]), indent=1).encode()

    return Variant({}, cells=_cells(module, 1), notebook=document)


@transformation("a notebook with magics")
def notebook_with_magics(module: cst.Module) -> Variant | None:
    """Three statements a cell, a magic line before and a shell line behind them."""
    if any(is_future(s) for s in module.body) or not module.body:
        return None

    def document(cells: list[str]) -> bytes:
        texts = ["%time pass\n" + cell.removeprefix("pass\n") + "!ls -l\n" for cell in cells]
        return json.dumps(_document([_cell(text) for text in texts])).encode()

    # the numbers are looked up in texts of the same shape
    return Variant({}, cells=["pass\n" + cell for cell in _cells(module, 3)], notebook=document)
