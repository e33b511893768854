from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
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
    with_rule = [path for path in modules if re.search(r"^    code = \"PEFT", path.read_text(), re.MULTILINE)]
    assert len(with_rule) == len(builtin_rules())
    names = [info.name for info in builtin_rules().values()]
    assert len(set(names)) == len(names)
    for code, info in builtin_rules().items():
        assert re.fullmatch(r"PEFT\d{3}", code)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", info.name)


def test_the_registry_imports_no_parser() -> None:
    script = "import sys, peftlint.rules.registry as r; r.select(); assert 'libcst' not in sys.modules"
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


if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parents[2] / "examples" / "house-rules"


@pytest.fixture
def with_house_rules(tree: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command where the example package is installed: its modules, and pip's metadata."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "site" / f"house_rules-{project['version']}.dist-info"
    info.mkdir(parents=True)
    entries = project["entry-points"]["peftlint.rules"]
    lines = [f"{name} = {target}\n" for name, target in entries.items()]
    (info / "entry_points.txt").write_text("[peftlint.rules]\n" + "".join(lines))
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    env = environment()
    env["PYTHONPATH"] = os.pathsep.join((env["PYTHONPATH"], str(EXAMPLE / "src"), str(tmp_path / "site")))

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "peftlint", *args]
        return subprocess.run(command, capture_output=True, text=True, cwd=tree, env=env)

    return call


def test_rules_of_an_installed_package(
    tree: Path, with_house_rules: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    (tree / "a.py").write_text(
        "from peft import PeftModel\n"
        "from transformers import AutoModelForCausalLM\n\n"
        "base = AutoModelForCausalLM.from_pretrained('base')\n"
        "model = PeftModel.from_pretrained(base, 'adapters/math', 'math')\n"
        "model.load_adapter('adapters/poetry', adapter_name='poetry')\n"
        "model.set_adapter('poetry')\n"
    )
    found = with_house_rules("--output-format", "concise")
    assert found.stdout.startswith("a.py:6:1: HOUSE101 adapter-name-not-from-the-list: adapter 'poetry'"), (
        found
    )
    # The site has no page of it, so none is named.
    assert "see:" not in with_house_rules().stdout and "readthedocs" not in with_house_rules().stdout
    assert json.loads(with_house_rules("--output-format", "json").stdout)["diagnostics"][0]["url"] == ""
    [run] = json.loads(with_house_rules("--output-format", "sarif").stdout)["runs"]
    assert [(rule["id"], "helpUri" in rule) for rule in run["tool"]["driver"]["rules"]] == [
        ("HOUSE101", False)
    ]
    assert with_house_rules("--ignore", "HOUSE").returncode == 0
    assert with_house_rules("--select", "adapter-name-not-from-the-list").returncode == 1
    assert with_house_rules("--select", "PEFT").returncode == 0
    assert "looks adapters up by these names" in with_house_rules("rule", "HOUSE101").stdout
    with (tree / "a.py").open("a") as stream:
        stream.write("model.load_adapter('x', 'x')  # peftlint: ignore[HOUSE101] for a test\n")
    assert with_house_rules("--output-format", "concise").stdout.count("HOUSE101") == 1


def test_documentation_is_clean_text() -> None:
    for info in all_rules().values():
        text = pages.documentation(info)
        assert text == inspect.cleandoc(text)
