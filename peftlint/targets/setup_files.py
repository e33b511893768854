"""setup.cfg and setup.py. setup.py is read as text: what stands in it literally counts, nothing is run."""

from __future__ import annotations

import ast
import configparser
import warnings
from collections.abc import Iterator
from pathlib import Path

from peftlint.targets.reading import Lines, Reading, Tier, shown, text_of
from peftlint.targets.requirement import Stated


def read_setup_cfg(path: Path) -> Reading:
    name = shown(path)
    reading = Reading([Tier(), Tier()])
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        text = text_of(path)
        parser.read_string(text)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reading.warnings.append(f"{name}: cannot be read: {str(error).splitlines()[0]}")
        return reading
    lines = Lines(text)
    needed, optional = (tier.statements for tier in reading.tiers)
    _state_lines(reading, needed, parser.get("options", "install_requires", fallback=""), name, lines)
    if parser.has_section("options.extras_require"):
        for value in parser["options.extras_require"].values():
            _state_lines(reading, optional, value, name, lines)
    return reading


def _state_lines(reading: Reading, into: list[Stated], value: str, file: str, lines: Lines) -> None:
    # setuptools takes one requirement a line, or several on the first line parted by semicolons
    for line in value.splitlines():
        requirement = line.split(" #")[0].strip()
        if requirement and not requirement.startswith("#"):
            reading.state(into, requirement, file, lines.find(requirement))


def read_setup_py(path: Path) -> Reading:
    name = shown(path)
    reading = Reading([Tier(), Tier()])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in somebody's setup.py is no concern of ours
            tree = ast.parse(text_of(path))
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError) as error:
        reading.warnings.append(f"{name}: cannot be read: {error}")
        return reading
    values = _assigned(tree)
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and _is_setup(call.func)):
            continue
        for keyword in call.keywords:
            rank = {"install_requires": 0, "extras_require": 1}.get(keyword.arg or "")
            if rank is not None:
                for text, line in _literals(keyword.value, values, frozenset()):
                    reading.state(reading.tiers[rank].statements, text, name, line)
    return reading


def _is_setup(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id == "setup") or (
        isinstance(function, ast.Attribute) and function.attr == "setup"
    )


def _assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What is assigned to each module-level name, and to its items: `extras["peft"] = ["peft>=0.10"]`."""
    values: dict[str, list[ast.expr]] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name))], value=value
            ):
                values.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values.setdefault(name, []).append(value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                values.setdefault(name, []).append(value)
    return values


def _literals(
    node: ast.expr, values: dict[str, list[ast.expr]], followed: frozenset[str]
) -> Iterator[tuple[str, int]]:
    """Strings in lists, tuples, dict values and sums of them, through module-level names."""
    match node:
        case ast.Constant(value=str(text)):
            yield text, node.lineno
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            for element in elements:
                yield from _literals(element, values, followed)
        case ast.Dict(values=elements):
            for element in elements:
                yield from _literals(element, values, followed)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from _literals(left, values, followed)
            yield from _literals(right, values, followed)
        case ast.Starred(value=value):
            yield from _literals(value, values, followed)
        case ast.Call(func=ast.Name(id="list" | "tuple" | "set" | "sorted"), args=[argument]):
            yield from _literals(argument, values, followed)
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) if name not in followed:
            for value in values.get(name, ()):
                yield from _literals(value, values, followed | {name})
        case _:
            return
