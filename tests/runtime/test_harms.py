"""docs/harms.md says what is measured."""

from __future__ import annotations

import pytest

pytest.importorskip("peft")

from fixtures.programs import folders
from tests.runtime.harms import Harm, beginning, harms, linted, measure
from tests.runtime.harms import row as harm_row
from tests.runtime.make_harms import PAGE, folder_table, live_table, row

pytestmark = pytest.mark.filterwarnings("ignore")
TEXT = PAGE.read_text(encoding="utf-8")
HARMS = harms()


def cells(harm: Harm) -> list[str]:
    """The cells of the harm's row on the page, without its title."""
    (line,) = [
        line for line in TEXT.splitlines() if line.startswith(f"| {harm.title} | ") and line[-2:] == " |"
    ][:1]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_titles_are_single() -> None:
    older = [harm for harm in HARMS if harm.releases]
    here = [harm.title for harm in HARMS if not harm.releases]
    assert len(here) == len(set(here)) >= 110 and len(older) >= 9


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.title[:50])
def test_harm_is_linted_as_the_page_says(harm: Harm) -> None:
    assert beginning(harm, linted(harm)) in TEXT, "run python -m tests.runtime.make_harms --write"


SEEN = [harm for harm in HARMS if not harm.releases and "PEFT" in "".join(cells(harm)[1:3])]


@pytest.mark.parametrize("harm", SEEN, ids=lambda harm: harm.title[:50])
def test_harm_is_found_as_the_page_says(harm: Harm) -> None:
    assert harm_row(harm, measure(harm)) in TEXT


def test_every_harm_is_found_or_it_is_said_why_not() -> None:
    silent = [
        harm.title
        for harm in HARMS
        if not harm.releases and not any("PEFT" in cell for cell in cells(harm)[1:3]) and not cells(harm)[3]
    ]
    assert silent == []
    assert len(SEEN) >= 55


def test_every_rule_has_its_row() -> None:
    missing = [folder.name for folder in folders() if f"\n| {folder.name} | {folder.code}" not in TEXT]
    assert missing == [], "run python -m tests.runtime.make_harms --write"


def test_tables_are_those_of_the_tests() -> None:
    assert folder_table() in TEXT and live_table() in TEXT


@pytest.mark.parametrize("code", ["PEFT101", "PEFT103", "PEFT310", "PEFT401", "PEFT501"])
def test_rows_are_measured(code: str) -> None:
    folder = next(folder for folder in folders() if folder.code == code)
    assert row(folder) in TEXT
