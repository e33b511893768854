from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import Run, environment

from peftlint.rules import pages, registry
from peftlint.rules.registry import UnknownSelectorError, all_rules, builtin_rules, expand, find, load, select


def test_what_is_read_from_the_text_is_what_the_classes_say() -> None:
    assert builtin_rules()
    for code, info in builtin_rules().items():
        rule = load(code)
        told = (rule.code, rule.name, rule.severity, rule.default, tuple(rule.fixes))
        assert told == (info.code, info.name, info.severity, info.default, info.fixes), info.origin


def test_codes_and_names_are_unique_and_well_formed() -> None:
    modules = [path for path in Path(registry.__file__).parent.glob("*/*.py") if path.name != "__init__.py"]
    with_rule = [path for path in modules if re.search(r"^    code\b.*=", path.read_text(), re.MULTILINE)]
    assert len(with_rule) == len(builtin_rules())
    names = [info.name for info in builtin_rules().values()]
    assert len(set(names)) == len(names)
    for code, info in builtin_rules().items():
        assert re.fullmatch(r"PEFT\d{3}", code)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", info.name)


def test_the_registry_imports_no_parser() -> None:
    script = "import sys; from peftlint.rules import registry; registry.select(); assert 'libcst' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, env=environment())


@pytest.mark.parametrize("info", builtin_rules().values(), ids=lambda info: info.code)
def test_every_rule_has_a_page(info: registry.RuleInfo) -> None:
    sections = dict(pages.sections(pages.documentation(info)))
    assert pages.summary(info)
    for title in ("What it does", "Why is this bad?"):
        assert sections.get(title), f"{info.code} has no section {title!r}"
    if info.fixes:
        assert sections.get("Fix safety"), f"{info.code} says nothing of the safety of its fix"


def test_selectors() -> None:
    everything = set(all_rules())
    default = {code for code, info in all_rules().items() if info.default}
    assert expand("ALL") == everything
    assert expand("default") == default
    assert expand("strict") == everything - default
    assert expand("PEFT1") == {code for code in everything if code.startswith("PEFT1")}
    assert expand("PEFT10") == {code for code in everything if code.startswith("PEFT10")}
    assert expand("peft101") == expand("PEFT101") == expand("add-adapter-from-pretrained") == {"PEFT101"}
    assert select() == default
    assert select(strict=True) == everything


@pytest.mark.parametrize("word", ["PEFT999", "add-adapter", "PEFT1O1", "", "E501", "all rules"])
def test_unknown_selectors(word: str) -> None:
    with pytest.raises(UnknownSelectorError):
        expand(word)


def test_the_more_specific_selector_wins() -> None:
    family = set(expand("PEFT1"))
    assert select(["PEFT1"], ["PEFT101"]) == family - {"PEFT101"}
    assert select(["PEFT101"], ["PEFT1"]) == {"PEFT101"}
    assert select(["ALL"], ["PEFT1"], extend_select=["PEFT101"]) == set(all_rules()) - family | {"PEFT101"}
    assert select(["PEFT101"], ["PEFT101"]) == set()
    assert select(["PEFT101"], ["add-adapter-from-pretrained"]) == set()
    assert select(["PEFT1"], ["ALL"]) == family
    assert select([]) == set()


def test_find() -> None:
    assert find("peft101") is find("add-adapter-from-pretrained")
    with pytest.raises(UnknownSelectorError, match="did you mean 'add-adapter-from-pretrained'"):
        find("add-adapter-from-pretraned")


def test_rule_pages_on_the_command_line(peftlint: Run) -> None:
    text = peftlint("rule", "PEFT101").out
    assert text.startswith("PEFT101 add-adapter-from-pretrained\n===") and "Why is this bad?" in text
    markdown = peftlint("rule", "add-adapter-from-pretrained", "--output-format", "markdown").out
    assert (
        markdown.startswith("# add-adapter-from-pretrained (PEFT101)\n")
        and "\n## Why is this bad?\n" in markdown
    )
    every = json.loads(peftlint("rule", "--all", "--output-format", "json").out)
    assert [page["code"] for page in every] == sorted(all_rules())
    assert all(page["sections"]["What it does"] for page in every)
    listed = peftlint("rule").out.splitlines()
    assert len(listed) == len(all_rules())


PLUGIN = '''
"""A rule of the house.

What it does
------------
Reports every program that names `house`.
"""

from peftlint.diagnostics import Diagnostic, Severity, Span
from peftlint.rules.base import Rule


class HouseRule(Rule):
    code = "HOUSE101"
    name = "house-rule"
    severity = Severity.WARNING

    def check(self, analysis):
        if "house" in analysis.syntax.code:
            yield Diagnostic(
                self.code, self.name, self.severity, "house", "leave", analysis.syntax.path, Span(1, 1, 1, 2)
            )
'''


def test_rules_of_an_installed_package(tree: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "house_rules-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "house_rules.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[peftlint.rules]\nhouse-rule = house_rules:HouseRule\n")
    (tree / "a.py").write_text("import peft\nhouse = 1\n")
    env = environment()
    env["PYTHONPATH"] += f":{site}"

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "peftlint", *args]
        return subprocess.run(command, capture_output=True, text=True, cwd=tree, env=env)

    assert "a.py:1:1: HOUSE101 house-rule: house" in call("--output-format", "concise").stdout
    assert call("--ignore", "house-rule").returncode == 0
    assert "Reports every program" in call("rule", "HOUSE101").stdout


def test_documentation_is_clean_text() -> None:
    for info in all_rules().values():
        text = pages.documentation(info)
        assert text == inspect.cleandoc(text)
