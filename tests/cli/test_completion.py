from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from peftlint.cli import cli


def complete(*words: str) -> list[str]:
    """What a shell would offer for the last word."""
    *args, incomplete = words
    found = ShellComplete(cli, {}, "peftlint", "_PEFTLINT_COMPLETE").get_completions(list(args), incomplete)
    return [item.value if item.type == "plain" else item.type for item in found]


def test_commands_and_paths() -> None:
    assert complete("ru") == ["rule", "runtime", "file"]
    assert complete("check", "sr") == ["file"]


def test_options_of_check_without_naming_it() -> None:
    for words in (("--ex",), ("check", "--ex"), ("src", "--ex"), ("--fix", "--ex")):
        assert {"--exclude", "--exit-zero", "--extend-select"} <= set(complete(*words))


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_rules(option: str) -> None:
    assert complete(option, "add-ad") == ["add-adapter-from-pretrained"]
    assert complete("check", option, "PEFT3,peft101") == ["PEFT3,PEFT101"]
    assert "PEFT101" in complete("rule", "PEFT1")


def test_formats() -> None:
    assert complete("--output-format", "j") == ["json", "jsonl", "junit"]
