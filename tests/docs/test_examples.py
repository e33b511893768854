"""Every page: options, codes, names, links and examples are what there is; examples of programs, settings and commands are tried."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path
from textwrap import dedent

import click
import pytest
import yaml

from peftlint.cli import COMMANDS, cli
from peftlint.linter import check_source
from peftlint.rules.registry import builtin_rules
from peftlint.runtime.codes import registry as run_time_codes
from peftlint.settings import Resolver, Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RULE_PAGES = sorted(page for page in (ROOT / "docs" / "rules").glob("*.md") if page.stem != "index")
FENCE = re.compile(r"^( *)```([\w-]*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def blocks(page: Path, *languages: str) -> list[str]:
    return [
        dedent(text)
        for _, language, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if language in languages
    ]


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


def options_of(command: click.Command) -> set[str]:
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {
        "--help",
        "-h",
    }


def commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            inner = click.Context(command)
            for each in command.list_commands(inner):
                sub = command.get_command(inner, each)
                assert sub is not None
                found[f"{name} {each}"] = sub
    return found


EVERY_OPTION = {option for command in commands().values() for option in options_of(command)} | {
    "--version",
    "-V",
}


def command_lines(page: Path) -> list[list[str]]:
    """The arguments of each `peftlint ...` in a shell block or in backticks."""
    text = "\n".join(blocks(page, "sh", "console", "bash", "shell"))
    lines = [line.strip().removeprefix("$ ") for line in text.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`(peftlint(?: [^`\n]+)?)`", FENCE.sub("", page.read_text(encoding="utf-8")))
    found = []
    for line in lines:
        for part in re.split(r"\s*(?:\||&&|;)\s*", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words.pop(0)
            if words[:1] == ["peftlint"]:
                found.append(words[1:])
            elif words[:3] in (["python", "-m", "peftlint"], ["uv", "run", "peftlint"]):
                found.append(words[3:])
    return found


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_commands_on_the_page_are_understood(page: Path) -> None:
    known = commands()
    for words in command_lines(page):
        if any(word in ("...", "…") for word in words):
            continue
        name = next((n for n in (" ".join(words[:2]), words[0] if words else "") if n in known), "")
        rest = words[len(name.split()) :]
        command = known[name or "check"]
        for word in rest:
            option = word.partition("=")[0]
            if option.startswith("--"):
                assert option in options_of(command) | {"--version"}, f"peftlint {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_codes_on_the_page_exist(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        pytest.skip("it may speak of what is gone")
    known = {*builtin_rules(), *run_time_codes()}
    mentioned = set(re.findall(r"\b(?:PEFT\d{3}|PEFTR\d{2,3})\b", page.read_text(encoding="utf-8")))
    assert {code for code in mentioned if code not in known} <= {"PEFT299", "PEFT999"}


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_on_the_page_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        file = (page.parent / target.partition("#")[0]).resolve()
        assert file.exists(), target


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_examples_in_other_languages_are_well_formed(page: Path) -> None:
    for text in blocks(page, "json"):
        json.loads(text)
    for text in blocks(page, "yaml", "yml"):
        yaml.safe_load(text)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_settings_on_the_page_are_accepted(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(page, "toml")):
        folder = tmp_path / str(number)
        folder.mkdir()
        if "tool.peftlint" in text:
            (folder / "pyproject.toml").write_text(text)
        elif re.match(r"(# \.?peftlint\.toml|(select|ignore|extend|targets|exclude)\b)", text):
            (folder / "peftlint.toml").write_text(text)
        else:
            continue
        Resolver().for_directory(folder)  # raises for what is unknown


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_python_on_the_page_parses(page: Path) -> None:
    for text in blocks(page, "python", "py"):
        ast.parse(text)


def section(page: Path, title: str) -> list[str]:
    text = page.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def codes_in(program: str, *select: str) -> set[str]:
    """What is found in the program as it stands; a first line `# peft==0.17.1` names the releases it is about."""
    first = program.partition("\n")[0]
    named = re.findall(r"(\w+)(==[\w.]+)", first) if first.startswith("# ") else []
    settings = Settings(select=select or None, targets=dict(named))
    findings = check_source(program.encode(), "program.py", settings)
    return {d.code for d in findings if not d.suppressed}


def code_of(page: Path) -> str:
    found = re.search(r"\((PEFT\d{3})\)", page.read_text(encoding="utf-8").splitlines()[0])
    assert found is not None
    return found[1]


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.stem)
def test_the_example_on_a_rules_page_is_flagged(page: Path) -> None:
    """Copied from the page as it is: nothing is missing that would have to be guessed."""
    programs = section(page, "Example")
    for program in programs:
        assert code_of(page) in codes_in(program, "ALL"), program
    assert programs or code_of(page) not in builtin_rules()


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.stem)
def test_the_correction_on_a_rules_page_is_silent(page: Path) -> None:
    """The rule itself says nothing of it, and no default rule does."""
    for program in section(page, "Use instead"):
        assert code_of(page) not in codes_in(program, "ALL"), program
        assert codes_in(program) == set(), program
    if code_of(page) in builtin_rules():
        assert section(page, "Use instead"), "no program"


def test_every_rule_has_one_page_and_every_page_a_rule() -> None:
    titles = {page.read_text(encoding="utf-8").splitlines()[0] for page in RULE_PAGES}
    expected = {f"# {info.name} ({code})" for code, info in builtin_rules().items()}
    assert expected <= titles
    assert {page.stem for page in RULE_PAGES} >= {info.name for info in builtin_rules().values()}


def test_codes_are_unique_among_rules_and_run_time_codes() -> None:
    static, live = list(builtin_rules()), list(run_time_codes())
    assert len(set(static)) == len(static) and len(set(live)) == len(live)
    assert not set(static) & set(live)
    names = [info.name for info in builtin_rules().values()]
    assert len({name.lower() for name in names}) == len(names)
