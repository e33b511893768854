"""What the pages say of options, settings and formats is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peftlint.cli.check import check
from peftlint.reporters import FORMATS
from peftlint.settings import page
from peftlint.settings.model import options

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS = {name for param in check.params for name in (*param.opts, *param.secondary_opts)}
PAGES = ("index.md", "settings.md", "suppressions.md", "baseline.md", "integrations.md", "fixes.md")


def test_the_settings_page_agrees_with_the_code() -> None:
    assert (DOCS / "settings.md").read_text() == page.text()


@pytest.mark.parametrize("name", PAGES)
def test_options_on_the_pages_exist(name: str) -> None:
    text = (DOCS / name).read_text()
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert mentioned <= OPTIONS, mentioned - OPTIONS


def test_every_option_of_the_contract_exists() -> None:
    contract = """
        fix unsafe-fixes diff select ignore extend-select extend-ignore strict output-format output-file
        statistics exit-zero exit-non-zero-on-fix target-peft target-transformers target-diffusers
        target-trl config isolated stdin-filename exclude extend-exclude force-exclude
        no-respect-gitignore jobs no-cache cache-dir baseline write-baseline add-ignore
        ignore-suppressions show-suppressed show-files show-settings watch color
    """
    assert {f"--{name}" for name in contract.split()} <= OPTIONS
    assert {"-q", "-v"} <= OPTIONS


def test_every_option_has_help() -> None:
    assert all(getattr(param, "help", "") for param in check.params if param.param_type_name == "option")


def test_formats_are_described() -> None:
    text = (DOCS / "integrations.md").read_text()
    assert all(f"`{name}`" in text for name in FORMATS)


def test_every_setting_is_described() -> None:
    assert all(description for _, _, description in options().values())
