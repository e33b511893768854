"""What the tests of the fixture folders need of the linter, in one place."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.linter import Options, check_bytes, check_source
from peftlint.rules.registry import RuleInfo, builtin_rules
from peftlint.settings import Settings

FILE = "program.py"


@cache
def _settings(codes: frozenset[str], releases: tuple[tuple[str, str], ...]) -> Settings:
    select = None if codes == default_codes() else tuple(sorted(codes))
    return Settings(select=select, targets={package: f"=={release}" for package, release in releases})


def settings_for(codes: Collection[str], releases: dict[str, str]) -> Settings:
    """Only those of these rules that exist, for these releases (package -> release)."""
    return _settings(frozenset(codes).intersection(rules()), tuple(sorted(releases.items())))


def lint(text: str, codes: Collection[str], releases: dict[str, str]) -> list[Diagnostic]:
    """Findings of the rules `codes` in the program `text`."""
    return check_source(text.encode(), FILE, settings_for(codes, releases))


def fixed_text(text: str, codes: Collection[str], releases: dict[str, str], unsafe: bool) -> str:
    """The program after `--fix` (and `--unsafe-fixes`) with these rules."""
    options = Options(fix=Applicability.UNSAFE if unsafe else Applicability.SAFE)
    # no path: the releases in use are the newest or those of the header, not those of this project's own requirements
    report = check_bytes(text.encode(), FILE, settings_for(codes, releases), options)
    assert report.errors == ()
    return text if report.change is None else report.change[1].decode()


@cache
def rules() -> dict[str, RuleInfo]:
    """All rules by code but those about suppression comments (family 0), which have nothing to run."""
    return {code: info for code, info in builtin_rules().items() if info.family != "PEFT0"}


def default_codes() -> set[str]:
    """Codes of the rules that speak without being asked."""
    return {code for code, info in rules().items() if info.default}
