"""What fixing makes of a form that differs in its layout only: the same program."""

from __future__ import annotations

import ast

from peftlint.diagnostics import Applicability
from peftlint.linter import Options, check_bytes
from peftlint.settings import Settings


def same_as_plain(plain: bytes, form: bytes, settings: Settings, upto: Applicability) -> bool:
    """Does fixing make the same program of both, or leave the form as it is?"""
    made = [_tree(_after(raw, settings, upto)) for raw in (plain, form)]
    return made[0] == made[1] or made[1] == _tree(form)


def _after(raw: bytes, settings: Settings, upto: Applicability) -> bytes:
    change = check_bytes(raw, "program.py", settings, Options(fix=upto)).change
    return change[1] if change is not None else raw


def _tree(raw: bytes) -> str:
    return ast.dump(ast.parse(raw))
