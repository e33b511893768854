"""What must hold of the text that fixes made, whatever the fixes were: told from the text before and after alone."""

from __future__ import annotations

import ast
import difflib
import io
import json
import re
import subprocess
import sys
import tokenize
import warnings
from collections import Counter

import libcst

from peftlint.sources import SourceError, read

#: ruff's rules that a fix must not begin to break: syntax, names without a definition, imports without a use, redefinitions
STATIC = "E9,F401,F63,F7,F811,F82"


def faults_of_text(raw: bytes, after: bytes, filename: str) -> list[str]:
    """What is wrong with `after`, the fixed bytes of a file that were `raw`."""
    faults: list[str] = []
    try:
        old, new = read(filename, raw), read(filename, after)
    except SourceError as error:
        return [f"does not parse: {error}"]
    if len(old.sources) != len(new.sources) or len(new.notes) > len(old.notes):
        return ["programs were lost or gained"]
    for (_, before), (_, fixed) in zip(old.texts, new.texts, strict=True):
        faults += _faults_of_layout(before, fixed)
    for one, other in zip(old.sources, new.sources, strict=True):
        if parses(one.code) and not parses(other.code):
            return ["does not parse"]
        faults += faults_of_tree(one.code, other.code)
    faults += _faults_of_bytes(raw, after)
    if not filename.endswith((".md", ".rst", ".markdown")):
        before, now = _static(raw, filename), _static(after, filename)
        # an import that nobody uses may get another name
        more = Counter(code for code, _ in now) - Counter(code for code, _ in before)
        faults += [
            f"ruff: {code} {text}" for code, text in now if code in more and (code, text) not in before
        ]
    return faults


def parses(code: str) -> bool:
    """Whether libcst reads the text, which knows the syntax of later Pythons than the one that runs."""
    try:
        libcst.parse_module(code)
    except Exception:  # the native parser raises bare exceptions on odd input
        return False
    return True


def _faults_of_bytes(raw: bytes, after: bytes) -> list[str]:
    faults: list[str] = []
    if raw.startswith(b"\xef\xbb\xbf") != after.startswith(b"\xef\xbb\xbf"):
        faults.append("the byte order mark is lost or gained")
    for sign, name in ((b"\r\n", "CRLF"), (b"\t", "tabs")):
        if sign not in raw and sign in after:
            faults.append(f"{name} where there was none")
    breaks = raw.count(b"\r\n")
    if breaks and raw.count(b"\n") == breaks and after.count(b"\n") != after.count(b"\r\n"):
        faults.append("bare line feeds in a CRLF file")
    if raw.endswith(b"\n") != after.endswith(b"\n"):
        faults.append("the end of the file changed")
    return faults


def written_lines(raw: bytes, after: bytes, filename: str) -> set[tuple[int | None, int]]:
    """Cell and line of each line of the fixed file that was not there, or not like that."""
    found: set[tuple[int | None, int]] = set()
    before = dict(read(filename, raw).texts)
    for cell, text in read(filename, after).texts:
        old, new = before[cell].splitlines(), text.splitlines()
        blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        found |= {
            (cell, n + 1) for kind, _, _, first, last in blocks if kind != "equal" for n in range(first, last)
        }
    return found


def _faults_of_layout(old: str, new: str) -> list[str]:
    """Comments are kept, few lines are changed, and what is written is laid out as people do."""
    if old == new:
        return []
    faults = []
    lost = Counter(_comments(old)) - Counter(_comments(new))
    if lost := lost - _directives(lost):
        faults.append(f"comments are lost: {list(lost)[:3]}")
    before, after = old.splitlines(), new.splitlines()
    removed = [line for line in difflib.ndiff(before, after) if line.startswith("- ")]
    if len(removed) > 12 + len(before) // 3:
        faults.append(f"{len(removed)} lines of {len(before)} changed")
    if sum(line != line.rstrip() for line in after) > sum(line != line.rstrip() for line in before):
        faults.append("blanks at the end of a line")
    if made_up := _attributes(new) - _attributes(old):
        faults.append(f"attributes of self that were nowhere before: {sorted(made_up)}")
    if _most_blank_lines(new) > max(_most_blank_lines(old), 2):
        faults.append("more blank lines in a row than there were")
    return faults


def _attributes(code: str) -> set[str]:
    return set(re.findall(r"\bself\.(\w+)", code))


def _directives(comments: Counter[str]) -> Counter[str]:
    """Comments to this linter: those are what some fixes take away."""
    return Counter({text: count for text, count in comments.items() if re.search(r"noqa|peftlint", text)})


def _comments(code: str) -> list[str]:
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        # magics, or newer syntax than this Python's: the comments up to there
        pass
    return found


def _most_blank_lines(code: str) -> int:
    return max(
        (len(run) for run in re.findall(r"(?m)(?:^[ \t]*\r?\n)+", code) for run in [run.splitlines()]),
        default=0,
    )


def faults_of_tree(old: str, new: str) -> list[str]:
    """Each statement whose lines are all as they were means what it meant.

    A bracket or string that an edit leaves open takes in lines which nobody touched; so does an indentation.
    """
    before, after = _statements(old), _statements(new)
    if old == new or before is None or after is None:
        return []
    places = _places(old.split("\n"), new.split("\n"))
    faults = []
    for (first, column, last), dump in before.items():
        # with the line below: what is written there may belong to the statement
        moved = {places.get(line, 0) - line for line in range(first, last + 2)}
        if len(moved) != 1 or first not in places:
            continue
        (shift,) = moved
        if after.get((first + shift, column, last + shift)) != dump:
            faults.append(f"the statement in line {first} was not touched, and is another one")
    return faults[:3]


def _places(old: list[str], new: list[str]) -> dict[int, int]:
    """By the number of each line that is as it was: its number now."""
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    found = {block.a + n + 1: block.b + n + 1 for block in blocks for n in range(block.size)}
    return {**found, len(old) + 1: len(new) + 1}


def _statements(code: str) -> dict[tuple[int, int, int], str] | None:
    """First line, column and last line of each statement, with its tree; None if this Python cannot read the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            found[first, node.col_offset, node.end_lineno or node.lineno] = ast.dump(node)
    return found


def _static(raw: bytes, filename: str) -> list[tuple[str, str]]:
    """Code and message of what ruff says of the text, apart from the places."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--quiet",
        "--select",
        STATIC,
    ]
    ran = subprocess.run(
        [*command, "--output-format", "json", "--stdin-filename", filename, "-"],
        input=raw,
        capture_output=True,
        check=False,
    )
    try:
        return [(found["code"], found["message"]) for found in json.loads(ran.stdout)]
    except ValueError:
        # no notebook to ruff, or no text
        return []
