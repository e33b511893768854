"""The header of a script that names its own dependencies (PEP 723): what runs it installs these, not the project's."""

from __future__ import annotations

import re
import sys
from typing import Any

from peftlint.semantics.api.releases import newest_release
from peftlint.targets.reading import Reading, Tier
from peftlint.targets.requirement import Stated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_OPENING = re.compile(r"^# /// script[ \t]*\r?$", re.MULTILINE)
_CONTENT = re.compile(r"#(?: (?P<text>[^\r\n]*))?[ \t]*\r?(?:\n|$)")


def read_script_header(code: str, file: str) -> Reading | None:
    """What the header says, None if the script has none.

    A requirement without a version is the newest release, for the script gets an environment of its own; nothing is
    said of it where `[tool.uv]` excludes newer ones. Two headers, or one that is no TOML, are a warning.
    """
    if "# /// script" not in code:
        return None
    headers = [header for header in map(lambda m: _header(code, m), _OPENING.finditer(code)) if header]
    if not headers:
        return None
    reading = Reading([Tier()])
    (first, text), *others = headers
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reading.warnings.append(f"{file}:{first}: the script's dependencies cannot be read: {error}")
        return reading
    if others:
        reading.warnings.append(f"{file}:{others[0][0]}: a second `# /// script`: a script has one (PEP 723)")
        return reading
    found: list[Stated] = []
    for requirement in _strings(content.get("dependencies")):
        line = first + 1 + next((i for i, each in enumerate(text.splitlines()) if requirement in each), -1)
        reading.state(found, requirement, file, line)
    if not _excludes_newer(content):
        found = [each if each.specifier or "://" in each.text else _newest(each) for each in found]
    reading.tiers[0].statements += found
    return reading


def _header(code: str, opening: re.Match[str]) -> tuple[int, str] | None:
    """Line of the opening and the TOML up to the last `# ///` of the comment block; None if it is not closed."""
    lines: list[str] = []
    closed: int | None = None
    position = opening.end() + 1
    while match := _CONTENT.match(code, position):
        if match["text"] == "///":
            closed = len(lines)
        lines.append(match["text"] or "")
        position = match.end()
    if closed is None:
        return None
    return code.count("\n", 0, opening.start()) + 1, "\n".join(lines[:closed])


def _excludes_newer(content: dict[str, Any]) -> bool:
    tool = content.get("tool")
    uv = tool.get("uv") if isinstance(tool, dict) else None
    return isinstance(uv, dict) and "exclude-newer" in uv


def _newest(statement: Stated) -> Stated:
    newest = f"=={newest_release(statement.package)}"
    return Stated(statement.package, newest, statement.file, statement.line, f"{statement.text} (the newest)")


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
