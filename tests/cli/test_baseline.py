from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import Run

OLD = "import peft\n\n\ndef main():\n    flag(1)\n    flag(2)\n"


@pytest.fixture
def adopted(tree: Path, peftlint: Run, flag_rule: None) -> Path:
    """A project whose two findings are in its baseline."""
    (tree / "src").mkdir()
    file = tree / "src" / "a.py"
    file.write_text(OLD)
    done = peftlint("--write-baseline", "--baseline", "known.json")
    assert done.code == 0 and "Wrote 2 findings" in done.err
    return file


def lines(peftlint: Run, *args: str) -> list[int]:
    done = peftlint("--baseline", "known.json", "--output-format", "json", *args)
    return [d["line"] for d in json.loads(done.out)["diagnostics"]]


def test_known_findings_are_passed_over(adopted: Path, peftlint: Run) -> None:
    done = peftlint("--baseline", "known.json")
    assert done.code == 0
    assert "2 findings passed over by the baseline" in done.out


def test_a_new_finding_is_reported(adopted: Path, peftlint: Run) -> None:
    adopted.write_text(OLD + "    flag(3)\n")
    assert lines(peftlint) == [7]


def test_a_copy_of_a_known_finding_is_new(adopted: Path, peftlint: Run) -> None:
    adopted.write_text(OLD + "    flag(1)\n")
    assert lines(peftlint) == [7]


def test_moved_and_reformatted_code_keeps_its_entry(adopted: Path, peftlint: Run) -> None:
    adopted.write_text("import peft\nx = 1\n\n\ndef main():\n    y = 2\n    flag( 2 )\n    flag(1)\n")
    assert lines(peftlint) == []


def test_another_function_keeps_its_entry_if_nothing_else_matches(adopted: Path, peftlint: Run) -> None:
    adopted.write_text("import peft\nflag(1)\nflag(2)\n")
    assert lines(peftlint) == []


def test_a_moved_file_keeps_its_entries(adopted: Path, peftlint: Run, tree: Path) -> None:
    adopted.rename(tree / "src" / "renamed.py")
    assert lines(peftlint) == []
    (tree / "src" / "a.py").write_text(OLD)
    assert lines(peftlint) == [5, 6]  # of the copy under the new name


def test_stale_entries_are_reported_and_pruned(adopted: Path, peftlint: Run, tree: Path) -> None:
    adopted.write_text("import peft\n\n\ndef main():\n    flag(1)\n")
    done = peftlint("--baseline", "known.json")
    assert done.code == 0
    assert "baseline: src/a.py: PEFT101 in main is no longer found: flag(2)" in done.out
    done = peftlint("--baseline", "known.json", "--write-baseline")
    assert "Wrote 1 finding to" in done.err and "1 stale pruned" in done.err
    assert len(json.loads((tree / "known.json").read_text())["findings"]) == 1


def test_a_run_over_other_files_leaves_entries_alone(adopted: Path, peftlint: Run, tree: Path) -> None:
    (tree / "b.py").write_text("import peft\nflag(9)\n")
    done = peftlint("b.py", "--baseline", "known.json")
    assert done.code == 1 and "no longer found" not in done.out
    assert "Wrote 3 findings" in peftlint("b.py", "--baseline", "known.json", "--write-baseline").err


def test_paths_are_relative_to_the_baseline(
    adopted: Path, peftlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(adopted.parent)
    assert peftlint("--baseline", "../known.json", ".").code == 0


def test_the_setting(adopted: Path, peftlint: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "peftlint.toml").write_text('baseline = "known.json"\n')
    monkeypatch.chdir(adopted.parent)
    assert peftlint().code == 0


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": 3}']
)
def test_a_file_that_is_no_baseline(adopted: Path, peftlint: Run, tree: Path, content: str) -> None:
    (tree / "known.json").write_text(content)
    done = peftlint("--baseline", "known.json")
    assert done.code == 2 and "known.json" in done.err and "Traceback" not in done.err


def test_input_that_cannot_be_checked_still_shows(adopted: Path, peftlint: Run, tree: Path) -> None:
    (tree / "bad.py").write_text("import peft\nx = (\n")
    assert peftlint("--baseline", "known.json", "--write-baseline").code == 2


def test_the_entry_of_the_same_function_comes_first(adopted: Path, peftlint: Run, tree: Path) -> None:
    adopted.write_text("import peft\n\n\ndef main():\n    flag( 1 )\n")
    document = json.loads((tree / "known.json").read_text())
    own = document["findings"][0]
    document["findings"] = [{**own, "context": "a"}, own]
    (tree / "known.json").write_text(json.dumps(document))
    said = peftlint("--baseline", "known.json").out
    assert "PEFT101 in a is no longer found: flag(1)" in said and "in main" not in said


def test_an_entry_without_what_is_only_for_readers(adopted: Path, peftlint: Run, tree: Path) -> None:
    document = json.loads((tree / "known.json").read_text())
    for entry in document["findings"]:
        del entry["text"]
    (tree / "known.json").write_text(json.dumps(document))
    assert lines(peftlint) == []
    adopted.write_text("import peft\n")
    assert "PEFT101 in main is no longer found: \n" in peftlint("--baseline", "known.json").out


def test_why_a_baseline_cannot_be_used(adopted: Path, peftlint: Run, tree: Path) -> None:
    assert "none.json: cannot be read: No such file" in peftlint("--baseline", "none.json").err
    (tree / "known.json").write_text('{"version": 7, "findings": []}')
    assert "known.json: is a baseline of version 7" in peftlint("--baseline", "known.json").err
    (tree / "known.json").write_text("{")
    assert "known.json: is no baseline of peftlint's: Expecting" in peftlint("--baseline", "known.json").err
    (tree / "known.json").write_text("[]")
    assert "known.json: is no baseline of peftlint's: " in peftlint("--baseline", "known.json").err


def test_the_folder_of_a_baseline_is_made(adopted: Path, peftlint: Run, tree: Path) -> None:
    assert peftlint("--write-baseline", "--baseline", "new/folder/known.json").code == 0
    assert [path.name for path in (tree / "new" / "folder").iterdir()] == ["known.json"]


def test_how_a_baseline_is_written(adopted: Path, peftlint: Run, tree: Path) -> None:
    """For people to read and for version control: a member in each line, ASCII, what wrote it."""
    adopted.write_text(OLD + "    flag('ü')\nflag(4)\n", encoding="utf-8")
    done = peftlint("--baseline", "known.json", "--write-baseline")
    assert "Wrote 4 findings" in done.err and "pruned" not in done.err
    text = (tree / "known.json").read_bytes().decode("ascii")
    assert text.startswith('{\n  "version": 1,\n  "tool": "peftlint ')
    adopted.write_text("import peft\n")
    said = peftlint("--baseline", "known.json").out
    assert "src/a.py: PEFT101 is no longer found: flag(4)" in said


def test_an_entry_of_another_file_that_is_still_there(adopted: Path, peftlint: Run, tree: Path) -> None:
    """A copy under another name is new as long as the old file is there, also for a baseline in another folder."""
    document = (tree / "known.json").read_text().replace("src/a.py", "../src/a.py")
    (tree / "kept").mkdir()
    (tree / "kept" / "known.json").write_text(document)
    (tree / "src" / "b.py").write_text(OLD)
    done = peftlint("src/b.py", "--baseline", "kept/known.json", "--output-format", "json")
    assert [d["line"] for d in json.loads(done.out)["diagnostics"]] == [5, 6]
