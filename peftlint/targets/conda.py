"""environment.yml: the lines `- spec` below `dependencies:` and `- pip:` are read, as conda writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import SpecifierSet

from peftlint.targets.reading import Reading, Tier, numbered, shown, text_of
from peftlint.targets.requirement import Stated, package_of
from peftlint.targets.requirements_file import read_requirements

_ITEM = re.compile(r"(?P<indent> *)- +(?P<value>.*)$")
_SPEC = re.compile(r"(?:[\w./-]+::)?(?P<name>[\w.-]+?)(?P<rest>\s*[=<>!~|].*|\s+[\d*].*)?$")


def read_environment(path: Path) -> Reading:
    name = shown(path)
    reading = Reading([Tier()])
    statements = reading.tiers[0].statements
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        reading.warnings.append(f"{name}: cannot be read: {error}")
        return reading
    if re.search(r"^dependencies:\s*\[", text, re.MULTILINE):
        reading.warnings.append(f"{name}: dependencies in a bracketed list are not read")
    for line, value, for_pip in _items(text):
        if not for_pip:
            _state_conda(reading, value, name, line)
        elif match := re.match(r"(?:-r|--requirement)[ =](\S+)$", value):
            nested = read_requirements(path.parent / match[1])
            statements += nested.tiers[0].statements
            reading.warnings += nested.warnings
        else:
            reading.state(statements, value, name, line)
    return reading


def _items(text: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether pip installs it, of each dependency."""
    inside, pip_indent = False, -1
    for number, raw in numbered(text):
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        if not line:
            continue
        item = _ITEM.match(line)
        if item is None:
            if not line.startswith(" "):
                inside, pip_indent = line == "dependencies:", -1
            continue
        if not inside:
            continue
        indent, value = len(item["indent"]), item["value"].strip()
        value = value[1:-1] if value[:1] in "\"'" and value[-1:] == value[:1] else value
        if value == "pip:":
            pip_indent = indent
            continue
        if indent <= pip_indent:
            pip_indent = -1
        yield number, value, pip_indent >= 0


def _state_conda(reading: Reading, value: str, file: str, line: int) -> None:
    match = _SPEC.match(value)
    package = package_of(match["name"]) if match else None
    if match is None or package is None:
        return
    try:
        alternatives = conda_specifiers(match["rest"] or "")
        found = [Stated(package, each, file, line, value) for each in alternatives]
    except ValueError:  # InvalidSpecifier, UnreadableRequirement
        reading.warnings.append(f"{file}:{line}: not a valid conda specification: {value!r}")
        return
    reading.tiers[0].statements += found


def conda_specifiers(text: str) -> list[str]:
    """PEP 440 specifiers, one for each alternative.

    "=0.17" is "==0.17.*"; "==0.17.0" and "=0.17.0=build" are exact.

    Raises InvalidSpecifier.
    """
    text = text.strip()
    exact_build = re.match(r"=(?P<version>[\d.]+)=[\w*.]+$", text)
    if exact_build:
        return [f"=={exact_build['version']}"]
    return [
        ",".join(_part(part.strip()) for part in alternative.split(",")) for alternative in text.split("|")
    ]


def _part(text: str) -> str:
    if text in ("", "*"):
        return ""
    if match := re.match(r"=(?!=)\s*(?P<version>[^*]+?)(?:\.?\*)?$", text):
        text = f"=={match['version']}.*"
    elif text[0].isdigit():
        # "name 0.17.0 build": the version is exact, the build does not matter
        text = "==" + text.split()[0]
    elif match := re.match(r"(?P<operator>[<>]=?|~=|!=|==)\s*(?P<version>[\w.]+\*?)", text):
        text = match["operator"] + match["version"]
    text = re.sub(r"(?<=[\d])\*$", ".*", text)
    return str(SpecifierSet(text))
