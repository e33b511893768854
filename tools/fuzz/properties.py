"""What holds for every input. Each check raises AssertionError, or whatever the linter raised."""

from __future__ import annotations

import ast
import re

from peftlint.diagnostics import Applicability
from peftlint.linter import Options, check_bytes
from peftlint.settings import Settings

#: evidence that a program has to do with PEFT at all: the libraries' names and the methods of the mixins
EVIDENCE = re.compile(r"peft|PEFT|lora|adapter|transformers|diffusers|trl|noqa", re.IGNORECASE)
EVERYTHING = Settings(select=("ALL",))
FIX = Options(fix=Applicability.UNSAFE)


def holds(raw: bytes, path: str = "program.py") -> None:
    """No crash, no finding without PEFT evidence, no change without a finding; fixed text parses and stays."""
    report = check_bytes(raw, path, EVERYTHING)
    assert not any("internal error" in error.message for error in report.errors), report.errors
    text = raw.decode("utf-8", "replace")
    if report.diagnostics:
        assert EVIDENCE.search(text), report.diagnostics
    fixed = check_bytes(raw, path, EVERYTHING, FIX)
    assert not any("internal error" in error.message for error in fixed.errors), fixed.errors
    if fixed.change is None or fixed.change[1] == raw:
        return
    assert report.diagnostics, "changed without a finding"
    new = fixed.change[1]
    if path.endswith(".py") and _parses(raw):
        assert _parses(new), new
    again = check_bytes(new, path, EVERYTHING, FIX)
    assert again.change is None or again.change[1] == new, "fixed twice, changed twice"


def _parses(raw: bytes) -> bool:
    try:
        ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
