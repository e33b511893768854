"""What the page on editors says exists."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from peftlint.cli.server import INSTALL
from peftlint.lsp.actions import FIX_ALL
from peftlint.lsp.workspace import Options

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_recipes_are_well_formed() -> None:
    assert [json.loads(block) for block in blocks("json")]
    assert [tomllib.loads(block) for block in blocks("toml")]


def test_names_are_those_of_the_server() -> None:
    assert INSTALL in PAGE and FIX_ALL in PAGE


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("enable", False),
        ("configuration", "x.toml"),
        ("showSyntaxErrors", False),
        ("settings", {"strict": True}),
    ],
)
def test_every_setting_of_the_page_has_an_effect(key: str, value: object) -> None:
    assert f"| `{key}` |" in PAGE
    assert Options.of({key: value}) != Options()
