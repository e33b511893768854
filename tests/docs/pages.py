"""Pages whose code is run: what a reader would type is typed, and what the page shows must come out.

A fenced block with `title="NAME.py"` is a file. A `console` block is what a terminal shows: commands after "$ ", and below each
what it prints on standard output. A line "..." stands for any lines, "..." at the end of a line for any rest of it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import peftlint

DOCS = Path(__file__).parents[2] / "docs"
_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w*)(?P<rest>[^\n]*)\n(?P<body>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE
)


@dataclass
class Block:
    """A fenced block, with the place of its body in the text of the page."""

    language: str
    title: str
    body: str
    start: int


def blocks(text: str) -> Iterator[Block]:
    for match in _FENCE.finditer(text):
        title = re.search(r'title="([^"]*)"', match["rest"])
        yield Block(match["language"], title[1] if title else "", match["body"], match.start("body"))


@dataclass
class Command:
    line: str
    shown: str


def commands(block: Block) -> list[Command]:
    """The commands of a `console` block and what is shown below each."""
    found: list[Command] = []
    for line in block.body.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Command(line[2:].strip(), ""))
        else:
            found[-1].shown += line
    return found


def agrees(shown: str, printed: str) -> bool:
    """Is this what is shown? Blanks at the ends of lines do not count."""
    lines = [line.rstrip() for line in shown.strip().splitlines()]
    pattern = ""
    for line in lines:
        if line == "...":
            pattern += r"(?:[^\n]*\n)*?"
        elif line.endswith("..."):
            rest = re.sub(
                r"^\d+(?= |\\ )", r"\\d+", re.escape(line[:-3])
            )  # "3 passed...": how many may change
            pattern += rest + r"[^\n]*\n"
        else:
            pattern += re.escape(line) + r"\n"
    text = "".join(line.rstrip() + "\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def run(line: str, folder: Path) -> str:
    """What the command prints on standard output. Scripts run in this process, which has torch already."""
    words = shlex.split(line)
    if words[0] == "python" and words[1].endswith(".py"):
        return _run_script(words[1], folder)
    assert words[0] in ("python", "peftlint"), line
    program = [sys.executable, *(["-m", "peftlint", "--no-cache"] if words[0] == "peftlint" else [])]
    root = str(Path(peftlint.__file__).parents[1])
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    done = subprocess.run([*program, *words[1:]], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def _run_script(name: str, folder: Path) -> str:
    printed, before, path = io.StringIO(), set(sys.modules), list(sys.path)
    here = os.getcwd()
    with contextlib.redirect_stdout(printed):
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode, cached = True, sys.dont_write_bytecode
        try:
            runpy.run_path(name, run_name="__main__")
        finally:
            os.chdir(here)
            sys.path[:] = path
            sys.dont_write_bytecode = cached
            for module in set(sys.modules) - before:
                if str(getattr(sys.modules[module], "__file__", "")).startswith(str(folder)):
                    del sys.modules[module]
    return printed.getvalue()


def follow(text: str, folder: Path) -> Iterator[tuple[Command, str]]:
    """Do what the page says, in order: each command and what it printed."""
    for block in blocks(text):
        if block.language == "console":
            for command in commands(block):
                yield command, run(command.line, folder)
        elif block.title:
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.body, encoding="utf-8")
