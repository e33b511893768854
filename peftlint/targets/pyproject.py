"""pyproject.toml: [project], dependency groups (PEP 735), the tables of Poetry, uv, PDM and Hatch."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from peftlint.targets.reading import Lines, Reading, Tier, shown, text_of
from peftlint.targets.requirement import Stated, package_of, specifier_of_url

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_pyproject(path: Path) -> Reading:
    """First what the project needs, then its extras and groups."""
    name = shown(path)
    reading = Reading([Tier(), Tier()])
    try:
        text = text_of(path)
        content = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        reading.warnings.append(f"{name}: cannot be read: {error}")
        return reading
    lines = Lines(text)
    project, tool = _table(content, "project"), _table(content, "tool")
    uv = _table(tool, "uv")
    needed, optional = (tier.statements for tier in reading.tiers)

    for requirement in _strings(project.get("dependencies")):
        reading.state(needed, requirement, name, lines.find(requirement))
    for requirement in _optional(content, project, tool, uv):
        reading.state(optional, requirement, name, lines.find(requirement))
    for requirement in _strings(uv.get("constraint-dependencies")):
        constraints: list[Stated] = []
        reading.state(constraints, requirement, name, lines.find(requirement))
        for tier in reading.tiers:
            tier.constraints += constraints

    poetry = _table(tool, "poetry")
    groups = [_table(group, "dependencies") for group in _tables(poetry.get("group"))]
    _state_poetry(reading, needed, _table(poetry, "dependencies"), name, lines)
    for group in (_table(poetry, "dev-dependencies"), *groups):
        _state_poetry(reading, optional, group, name, lines)
    return reading


def workspace_members(path: Path) -> list[str]:
    """Globs of the members of a uv workspace whose root this pyproject.toml is; empty if it is none."""
    try:
        content = tomllib.loads(text_of(path))
    except (OSError, ValueError, RecursionError):
        return []
    return list(_strings(_table(_table(_table(content, "tool"), "uv"), "workspace").get("members")))


def _optional(content: Mapping[str, Any], project: Any, tool: Any, uv: Any) -> Iterator[str]:
    for requirements in _table(project, "optional-dependencies").values():
        yield from _strings(requirements)
    for requirements in _table(content, "dependency-groups").values():
        yield from _strings(requirements)
    yield from _strings(uv.get("dev-dependencies"))
    for requirements in _table(_table(tool, "pdm"), "dev-dependencies").values():
        yield from _strings(requirements)
    for environment in _tables(_table(tool, "hatch").get("envs")):
        yield from _strings(environment.get("dependencies"))
        yield from _strings(environment.get("extra-dependencies"))


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield from (each for each in value.values() if isinstance(each, dict))


def _strings(value: Any) -> Iterator[str]:
    """The strings of a list; an entry such as {include-group = "test"} repeats what stands elsewhere."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))


def _state_poetry(
    reading: Reading, into: list[Stated], dependencies: Mapping[str, Any], file: str, lines: Lines
) -> None:
    for key, value in dependencies.items():
        package = package_of(key)
        if package is None:
            continue
        line = lines.find(key)
        # Several constraints with markers come as a list of tables.
        for each in value if isinstance(value, list) else [value]:
            try:
                specifiers = _poetry_specifiers(each)
            except (InvalidSpecifier, InvalidVersion):
                reading.warnings.append(f"{file}:{line}: not a valid version constraint of {key}: {each!r}")
                continue
            shown_value = each if isinstance(each, str) else _shown_table(each)
            into += [Stated(package, s, file, line, f"{key} = {shown_value}") for s in specifiers]


def _shown_table(value: Any) -> str:
    table = value if isinstance(value, dict) else {}
    return str(table.get("version") or table.get("tag") or table.get("git") or "")


def _poetry_specifiers(value: Any) -> list[str]:
    if isinstance(value, dict):
        tag = value.get("tag") or value.get("url") or ""
        if "version" not in value:
            return [specifier_of_url(f"@{tag}" if value.get("tag") else str(tag))]
        value = value["version"]
    if not isinstance(value, str):
        raise InvalidSpecifier(repr(value))
    return [poetry_specifier(alternative) for alternative in value.split("||")]


def poetry_specifier(text: str) -> str:
    """The PEP 440 form of a Poetry constraint: "^0.17" is ">=0.17,<0.18", "~0.17.1" is ">=0.17.1,<0.18".

    Raises InvalidSpecifier, InvalidVersion.
    """
    parts = [part for part in re.split(r"\s*,\s*|(?<=[\w*])\s+(?=[<>=!~^])", text.strip()) if part]
    return str(SpecifierSet(",".join(filter(None, map(_poetry_part, parts)))))


def _poetry_part(text: str) -> str:
    text = re.sub(r"\s+", "", text)
    if text in ("", "*"):
        return ""
    if text.startswith("^"):
        release = Version(text[1:]).release
        # The first number that is not zero must stay; of "^0.0" and "^0" the last one written.
        index = next((i for i, number in enumerate(release) if number), len(release) - 1)
        return f">={text[1:]},<{_next(release, index)}"
    if text.startswith("~") and not text.startswith("~="):
        release = Version(text[1:]).release
        return f">={text[1:]},<{_next(release, min(1, len(release) - 1))}"
    if text[0].isdigit():
        return f"=={text}"
    return text


def _next(release: tuple[int, ...], index: int) -> str:
    return ".".join(map(str, (*release[:index], release[index] + 1)))
