"""docs/harms.md says what is measured."""

from __future__ import annotations

import pytest

pytest.importorskip("peft")

from fixtures.programs import folders
from tests.runtime.make_harms import PAGE, folder_table, live_table, row

pytestmark = pytest.mark.filterwarnings("ignore")
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_rule_has_its_row() -> None:
    missing = [folder.name for folder in folders() if f"\n| {folder.name} | {folder.code}" not in TEXT]
    assert missing == [], "run python -m tests.runtime.make_harms --write"


def test_tables_are_those_of_the_tests() -> None:
    assert folder_table() in TEXT and live_table() in TEXT


@pytest.mark.parametrize("code", ["PEFT101", "PEFT103", "PEFT310", "PEFT401", "PEFT501"])
def test_rows_are_measured(code: str) -> None:
    folder = next(folder for folder in folders() if folder.code == code)
    assert row(folder) in TEXT
