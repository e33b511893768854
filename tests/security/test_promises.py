"""SECURITY.md: each statement names a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_each_statement_names_its_test() -> None:
    promises = TEXT.partition("## What peftlint promises")[2].partition("What peftlint does *not*")[0]
    statements = re.split(r"^- ", promises, flags=re.MULTILINE)[1:]
    assert len(statements) > 10
    for statement in statements:
        assert re.search(r"`tests/[\w/]+\.py::test_\w+`", statement), statement


def test_the_named_tests_exist() -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (
            f"{file}::{name}"
        )
