from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import environment
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


#: in each shell: load what `peftlint` gives it, and print what it offers for the last word of $1, one a line
SHELLS = {
    "bash": """eval "$(_PEFTLINT_COMPLETE=bash_source peftlint)"; read -r -a COMP_WORDS <<< "$1"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _peftlint_completion peftlint; printf '%s\\n' "${COMPREPLY[@]}" """,
    # Completing needs zsh's line editor: here its helpers are stand-ins that print.
    "zsh": """compdef() { }; compadd() { print -l -- $completions }; _path_files() { print -l -- *(/N) }
        _describe() { print -l -- ${completions_with_descriptions%%:*} }
        eval "$(_PEFTLINT_COMPLETE=zsh_source peftlint)"; words=(${=1}); CURRENT=$#words; _peftlint_completion""",
    "fish": '_PEFTLINT_COMPLETE=fish_source peftlint | source; complete -C "$argv[1]"',
}


@pytest.mark.parametrize("shell", SHELLS)
def test_in_the_shell_itself(shell: str, tree: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    command = tree / "bin" / "peftlint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m peftlint "$@"\n')
    command.chmod(0o755)
    (tree / "srcs").mkdir()
    env = environment() | {"HOME": str(tree), "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}
    quiet = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]

    def offered(line: str) -> list[str]:
        name = [] if shell == "fish" else ["peftlint"]
        words = [program, *quiet, "-c", SHELLS[shell], *name, line]
        done = subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return [word.split("\t")[0].rstrip("/") for word in done.stdout.split("\n") if word]

    assert offered("peftlint --select stale-kv") == ["stale-kv-cache"]
    assert offered("peftlint --select PEFT3,PEFT10")[:2] == ["PEFT3,PEFT101", "PEFT3,PEFT102"]
    assert offered("peftlint rule add-ad") == ["add-adapter-from-pretrained"]
    if shell != "bash":  # bash completes paths by itself, once it is told that a path is meant
        assert "srcs" in offered("peftlint check sr")
