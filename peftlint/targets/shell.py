"""`pip install` in the shell lines of a notebook: it decides for that notebook."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from peftlint.semantics.api.releases import newest_release
from peftlint.targets.reading import Reading, Tier
from peftlint.targets.requirement import Stated
from peftlint.targets.requirements_file import read_requirements

_INSTALL = re.compile(r"\bpip[\d.]*\s+install\s+(?P<arguments>.*)$")
#: options of `pip install` that are followed by a value of their own
_WITH_VALUE = {
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--platform",
    "--python", "--python-version", "--implementation", "--abi", "--root", "--prefix", "--src",
    "--upgrade-strategy", "--trusted-host", "--cache-dir", "--proxy", "--timeout", "--log", "--report",
    "--progress-bar", "--no-binary", "--only-binary", "-p",
}  # fmt: skip


def read_shell_lines(lines: Sequence[str], directory: Path, file: str) -> Reading:
    """One tier for each `pip install`, the last first: it is what the notebook ends up with."""
    reading = Reading()
    for number, line in enumerate(lines, 1):
        for command in _commands(line):
            tier = Tier()
            _read_arguments(command, tier, reading, directory, f"{file} (shell line {number})")
            reading.tiers.insert(0, tier)
    return reading


def _commands(line: str) -> Iterator[str]:
    for part in re.split(r"&&|\|\||;(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", line):
        if (match := _INSTALL.search(part)) and not part.lstrip("!% ").startswith("#"):
            yield match["arguments"]


def _read_arguments(text: str, tier: Tier, reading: Reading, directory: Path, origin: str) -> None:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.split()
    upgrade = False
    named: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word in ("-r", "--requirement", "-c", "--constraint"):
            nested = read_requirements(directory / next(remaining, ""))
            # A file that the notebook fetches first is not there to be read: no warning.
            constraining = word in ("-c", "--constraint")
            (tier.constraints if constraining else tier.statements).extend(nested.tiers[0].statements)
        elif word in ("-U", "--upgrade") or re.fullmatch(r"-[a-zA-Z]*U[a-zA-Z]*", word):
            upgrade = True
        elif word in _WITH_VALUE:
            next(remaining, None)
        elif not word.startswith("-"):
            named.append(word)
    for word in named:
        reading.state(tier.statements, word, origin, 0)
    if upgrade:
        tier.statements = [s if s.specifier or "://" in s.text else _upgraded(s) for s in tier.statements]


def _upgraded(statement: Stated) -> Stated:
    """`pip install -U peft` is the newest release."""
    newest = f"=={newest_release(statement.package)}"
    return Stated(statement.package, newest, statement.file, statement.line, f"{statement.text} (upgraded)")
