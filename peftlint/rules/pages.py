"""The page of a rule, made from the docstring of its module."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from peftlint.diagnostics import Applicability, page_url
from peftlint.rules.registry import RuleInfo, load

_HEADING = re.compile(r"^(?P<title>[^\n]+)\n(?:-{3,}|={3,})$|^#{1,4} (?P<atx>[^\n]+)$", re.MULTILINE)
_BLOCK = re.compile(r"^( *)(`{3,}).*?^\1\2", re.MULTILINE | re.DOTALL)
_FIX = {
    Applicability.SAFE: "`--fix`",
    Applicability.UNSAFE: "`--fix --unsafe-fixes`",
    Applicability.DISPLAY: "advice only",
}


def documentation(info: RuleInfo) -> str:
    """The docstring of the rule's module; of a plug-in's rule, its own or its module's."""
    rule = type(load(info.code))
    module = sys.modules[rule.__module__]
    own = inspect.getdoc(rule) if ":" in info.origin and "__doc__" in vars(rule) and rule.__doc__ else None
    return own or inspect.cleandoc(module.__doc__ or "")


def summary(info: RuleInfo) -> str:
    """The first sentence of the page."""
    first = documentation(info).partition("\n\n")[0]
    return " ".join(first.split())


def sections(text: str) -> list[tuple[str, str]]:
    """Headings and their bodies, in order; the text before the first heading has the heading ""."""
    parts: list[tuple[str, str]] = []
    title, start = "", 0
    blocks = [match.span() for match in _BLOCK.finditer(text)]
    for match in _HEADING.finditer(text):
        if any(begin <= match.start() < end for begin, end in blocks):
            continue  # a comment in a program
        parts.append((title, text[start : match.start()].strip()))
        title, start = (match["title"] or match["atx"]).strip(), match.end()
    parts.append((title, text[start:].strip()))
    return [(title, body) for title, body in parts if title or body]


def fix_text(info: RuleInfo) -> str:
    """What `--fix` does about it, in words."""
    ways = [_FIX[applicability] for applicability in info.fixes]
    return ", ".join(ways) if ways else "none"


def markdown(info: RuleInfo) -> str:
    """The page in Markdown."""
    which = "default" if info.default else "strict"
    facts = f"Severity: {info.severity.value}. Set: {which}. Fix: {fix_text(info)}."
    head = f"# {info.name} ({info.code})\n\n{facts}\n"
    body = []
    for title, text in sections(documentation(info)):
        body.append(f"\n## {title}\n\n{text}\n" if title else f"\n{text}\n")
    return head + "".join(body)


def text(info: RuleInfo) -> str:
    """The page for a terminal."""
    which = "default" if info.default else "strict"
    head = f"{info.code} {info.name}"
    facts = f"severity: {info.severity.value}   set: {which}   fix: {fix_text(info).replace('`', '')}"
    return f"{head}\n{'=' * len(head)}\n{facts}\n\n{documentation(info)}\n"


def data(info: RuleInfo) -> dict[str, Any]:
    """The page as plain data, with its sections under "sections"."""
    return {
        "code": info.code,
        "name": info.name,
        "severity": info.severity.value,
        "default": info.default,
        "fixes": [applicability.value for applicability in info.fixes],
        "url": page_url(info.code, info.name),
        "summary": summary(info),
        "sections": dict(sections(documentation(info))[1:]),
        "documentation": documentation(info),
    }


def render(infos: Sequence[RuleInfo], output_format: str) -> str:
    """Pages in "text", "markdown" or "json" (always a list)."""
    if output_format == "json":
        return json.dumps([data(info) for info in infos], indent=2) + "\n"
    page = markdown if output_format == "markdown" else text
    return "\n".join(page(info) for info in infos)
