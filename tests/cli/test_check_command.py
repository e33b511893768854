"""The command as a user runs it: exit codes, bad input, fixing, standard input, where reports go."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from cli_helpers import FOUNDING, Run, environment


def test_a_clean_file(tree: Path, peftlint: Run) -> None:
    (tree / "a.py").write_text("import peft\n")
    done = peftlint()
    assert (done.code, done.out) == (0, "No findings in 1 file.\n")


def test_check_is_the_default_command(tree: Path, peftlint: Run) -> None:
    (tree / "a.py").write_text(FOUNDING)
    json_format = ("--output-format", "json")
    outcomes = [
        peftlint(*args, *json_format)
        for args in (("a.py",), ("check", "a.py"), ("check",), ("--no-fix", "a.py"), ())
    ]
    found = [json.loads(outcome.out)["diagnostics"] for outcome in outcomes]
    assert len(found[0]) == 2
    assert all(other == found[0] for other in found)
    assert {outcome.code for outcome in outcomes} == {1}


def test_the_founding_snippet_is_found_explained_and_fixed(tree: Path, process: Run) -> None:
    file = tree / "a.py"
    file.write_text(FOUNDING)
    found = process("a.py")
    assert found.code == 1
    assert found.out.count("error[PEFT101] add-adapter-from-pretrained") == 2
    assert "a.py:5:1" in found.out
    assert "^^^" in found.out and "::>" in found.out and "= help:" in found.out
    fixed = process("--fix", "a.py")
    assert fixed.code == 0, fixed.out
    text = file.read_text()
    assert text.count("load_adapter") == 2 and "add_adapter" not in text and "PeftConfig" not in text
    again = process("--fix", "a.py")
    assert again.code == 0 and file.read_text() == text


def test_exit_codes(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\n")
    assert peftlint("a.py").code == 1
    assert peftlint("--exit-zero", "a.py").code == 0
    assert peftlint("--no-such-option").code == 2
    assert peftlint("missing.py").code == 2
    assert peftlint("--exit-zero", "missing.py").code == 2
    assert peftlint("--fix", "--exit-non-zero-on-fix", "a.py").code == 1
    assert peftlint("--fix", "--exit-non-zero-on-fix", "a.py").code == 0


def test_bad_input_is_named_and_the_rest_is_checked(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "good.py").write_text("import peft\nflag(1)\n")
    (tree / "syntax.py").write_text("import peft\nx = (1\n")
    (tree / "binary.py").write_bytes(b"peft\x00\x01\x02")
    (tree / "latin.py").write_bytes(b"import peft\ns = '\xe9'\n")
    (tree / "empty.py").write_bytes(b"")
    (tree / "notebook.ipynb").write_text('{"peft": ')
    os.symlink("nowhere.py", tree / "link.py")
    done = peftlint("--output-format", "json")
    report = json.loads(done.out)
    assert done.code == 2
    assert [d["path"] for d in report["diagnostics"]] == ["good.py"]
    errors = {error["path"]: error for error in report["errors"]}
    assert set(errors) == {"syntax.py", "binary.py", "latin.py", "link.py", "notebook.ipynb"}
    assert errors["syntax.py"]["line"] == 2
    assert errors["latin.py"]["line"] == 2
    assert "broken symbolic link" in errors["link.py"]["message"]
    assert "null bytes" in errors["binary.py"]["message"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_an_unreadable_directory(tree: Path, peftlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "a.py").write_text("import peft\n")
    (tree / "locked").mkdir()
    scandir = os.scandir

    def refusing(
        path: str,
    ) -> object:  # root may read everything, so permissions cannot be tested by taking them
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    done = peftlint("--output-format", "concise")
    assert done.code == 2
    assert "locked:1:1: error: directory cannot be read: Permission denied" in done.out


def test_a_broken_file_that_is_named_is_reported_even_without_peft(tree: Path, peftlint: Run) -> None:
    (tree / "broken.py").write_text("def f(:\n")
    assert peftlint("broken.py").code == 2
    assert peftlint(".").code == 0  # the gate drops it unparsed


def test_no_traceback_for_an_internal_error(
    tree: Path, peftlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("peftlint.rules.engine.diagnose", broken)
    (tree / "a.py").write_text("import peft\n")
    done = peftlint()
    assert done.code == 2
    assert "internal error: KeyError: 'oops'" in done.out and "Traceback" not in done.out + done.err


def test_standard_input(tree: Path, process: Run) -> None:
    found = process(
        "-", "--output-format", "concise", "--stdin-filename", "src/x.py", stdin=FOUNDING.encode()
    )
    assert found.code == 1
    assert found.out.startswith("src/x.py:5:1: PEFT101")
    fixed = process("--fix", "-", stdin=FOUNDING.encode())
    assert fixed.code == 0
    assert fixed.out.count("load_adapter") == 2 and "fixed" in fixed.err
    untouched = process("--fix", "-", stdin=b"x = 1\r\n")
    assert untouched.out == "x = 1\r\n"
    assert process("-", stdin=b"def f(:\n").code == 2


def test_diff_changes_nothing(tree: Path, peftlint: Run, flag_rule: None) -> None:
    file = tree / "a.py"
    file.write_text("import peft\nflag(1)\n")
    done = peftlint("--diff", "a.py")
    assert done.code == 1
    assert done.out == "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n import peft\n-flag(1)\n+fine(1)\n"
    assert file.read_text() == "import peft\nflag(1)\n"


def test_several_reports_at_once(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\n")
    done = peftlint(
        "--output-format", "concise", "--output-format", "json:out/r.json", "--output-format", "sarif:r.sarif"
    )
    assert done.out.startswith("a.py:2:1: PEFT101")
    assert len(json.loads((tree / "out/r.json").read_text())["diagnostics"]) == 1
    assert json.loads((tree / "r.sarif").read_text())["version"] == "2.1.0"
    assert peftlint("--output-file", "r.txt").out == ""
    assert "error[PEFT101]" in (tree / "r.txt").read_text()
    assert peftlint("--output-format", "xml").code == 2


def test_statistics(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\nflag(2)\n")
    assert peftlint("--statistics").out == "2  PEFT101  [*]  add-adapter-from-pretrained\n"


def test_jobs_give_the_same_report(tree: Path, process: Run) -> None:
    for number in range(12):
        (tree / f"f{number}.py").write_text(FOUNDING)
    one, two = (json.loads(process("--jobs", jobs, "--output-format", "json").out) for jobs in ("1", "2"))
    assert len(one["diagnostics"]) == 24
    assert one["diagnostics"] == two["diagnostics"]


def test_selection(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\n")
    assert peftlint("--ignore", "PEFT1").code == 0
    assert peftlint("--select", "PEFT2").code == 0
    assert peftlint("--select", "PEFT2,add-adapter-from-pretrained").code == 1
    unknown = peftlint("--select", "add-adapter-from-pretraned")
    assert unknown.code == 2
    assert "did you mean 'add-adapter-from-pretrained'?" in unknown.err


@pytest.mark.parametrize(
    "args",
    [
        ("--config", "none.toml"),
        ("--isolated", "--config", "peftlint.toml"),
        ("-", "a.py"),
        ("--diff", "--watch"),
        ("--target-peft", "newest"),
        ("--baseline", "none.json"),
        ("rule", "PEFT999"),
        ("--output-format", "json", "--output-format", "sarif"),
        ("--output-format", "json:r", "--output-format", "junit:r"),
        ("--output-format", "json", "--output-format", "text", "-o", "r"),
        ("--fix", "--add-ignore"),
        ("--fix", "--write-baseline"),
    ],
)
def test_wrong_usage_is_one_message(tree: Path, peftlint: Run, args: tuple[str, ...]) -> None:
    (tree / "peftlint.toml").write_text("")
    done = peftlint(*args)
    assert done.code == 2 and done.err and "Traceback" not in done.err


def test_colour_is_for_terminals_only(
    tree: Path, peftlint: Run, flag_rule: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\n")
    assert "\x1b[" not in peftlint().out
    assert "\x1b[" in peftlint("--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in peftlint().out
    assert "\x1b[" not in peftlint("--color", "never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in peftlint().out


def test_no_terminal_escape_gets_through(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a\x1b[31m.py").write_text("import peft\nflag('\x1b[2J\u202e')\n")
    for output_format in ("text", "concise", "github"):
        out = peftlint("--output-format", output_format).out
        assert "PEFT101" in out and "\x1b" not in out.replace("%1B", "") and "\u202e" not in out


def test_help_imports_nothing_heavy(process: Run) -> None:
    done = process("--help")
    assert done.code == 0
    for command in ("check", "rule", "adapter", "runtime", "server"):
        assert command in done.out
    assert process("check", "--help").code == 0
    assert process("--version").out.startswith("peftlint ")


def test_a_gated_run_imports_no_parser(tree: Path) -> None:
    import subprocess

    (tree / "a.py").write_text("print('hello')\n")
    script = (
        "import sys; from peftlint.cli import run; code = run(['.']);"
        "heavy = {'libcst', 'torch', 'transformers', 'peft', 'rich', 'pathspec'} & set(sys.modules);"
        "assert not heavy, heavy; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tree, env=environment()
    )
    assert done.returncode == 0, done.stderr


def test_watch_says_what_it_needs(tree: Path, peftlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    done = peftlint("--watch")
    assert done.code == 2 and "peftlint[watch]" in done.err


def test_show_files_and_settings(tree: Path, peftlint: Run) -> None:
    (tree / "a.py").write_text("")
    (tree / "b.txt").write_text("")
    (tree / "peftlint.toml").write_text('ignore = ["PEFT3"]\n[targets]\npeft = "0.17"\n')
    assert peftlint("--show-files").out == "a.py\n"
    shown = peftlint("--show-settings").out
    assert 'ignore = ["PEFT3"]' in shown and str(tree / "peftlint.toml") in shown and "peft 0.17" in shown


def test_a_file_that_shrinks_the_path(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree.parent / "outside.py").write_text("import peft\nflag(1)\n")
    (tree / "sub").mkdir()
    (tree / "sub" / "inside.py").write_text("import peft\nflag(1)\n")
    found = json.loads(peftlint("--output-format", "json", "..").out)["diagnostics"]
    assert [d["path"] for d in found] == [(tree.parent / "outside.py").as_posix(), "sub/inside.py"]


def test_what_the_parser_would_not_survive_is_refused(tree: Path, process: Run) -> None:
    (tree / "deep.py").write_text("import peft\nx = " + "(" * 3000 + "1" + ")" * 3000 + "\n")
    (tree / "huge.py").write_text("import peft\n" + "x = [1, 2, 3]\n" * 300_000)
    (tree / "strings.py").write_text("import peft\n" + "x = '('\n" * 300)
    done = process("--output-format", "concise")
    assert done.code == 2
    assert "deep.py:2:1: error: brackets are nested more than 200 deep" in done.out
    assert (
        "huge.py:1:1: error: is too large to be checked (4.2 million characters; the limit is 3)" in done.out
    )
    assert "strings.py" not in done.out


def test_a_read_only_file_is_not_fixed(tree: Path, peftlint: Run, flag_rule: None) -> None:
    file = tree / "a.py"
    file.write_text("import peft\nflag(1)\n")
    file.chmod(0o444)
    if os.access(file, os.W_OK):
        pytest.skip("this user may write everything")
    done = peftlint("--fix")
    assert done.code == 2 and "read-only" in done.out
    assert file.read_text() == "import peft\nflag(1)\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_was_fixed_in_another_file_is_not_left(tree: Path, peftlint: Run, jobs: str) -> None:
    """A finding in a module comes to light in the script that imports it, too."""
    from tools.faults.kills import HELPER, SCRIPT

    (tree / "helper.py").write_text(HELPER)
    (tree / "script.py").write_text(SCRIPT)
    assert peftlint("-j", jobs).code == 1
    done = peftlint("--fix", "--unsafe-fixes", "-j", jobs)
    assert done.code == 0 and "Found 1 finding (1 fixed, 0 left)." in done.out
    assert peftlint("-j", jobs).code == 0
