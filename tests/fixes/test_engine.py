"""The engine, with checks that find words in the text: what matters here is what happens to their fixes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from peftlint.fixes.edits import Change, edits_of
from peftlint.fixes.engine import fix_file, fix_files
from peftlint.sources import SourceError, read


def finding(path, code, match, changes, rule="T1", applicability=Applicability.SAFE, message=None, title="t"):
    edits = edits_of(path, code, [Change(*change) for change in changes])
    where = edits_of(path, code, [Change(match.start(), match.end(), "")])[0].span
    fix = Fix(title, applicability, tuple(edits)) if changes else None
    return Diagnostic(
        rule, rule.lower(), Severity.ERROR, message or f"{match[0]} found", "", path, where, fix=fix
    )


def replacing(word, new, rule="T1", applicability=Applicability.SAFE):
    """A check that flags a word, and whose fix puts another text there."""

    def check(file):
        return [
            [
                finding(source.path, source.code, m, [(m.start(), m.end(), new)], rule, applicability)
                for m in re.finditer(word, source.code)
            ]
            for source in file.sources
        ]

    return check


def both(*checks):
    def check(file):
        results = [one(file) for one in checks]
        return [[one for of_file in results for one in of_file[at]] for at in range(len(file.sources))]

    return check


def test_all_fixes_of_a_file():
    file = read("a.py", b"bad = 1\nx = bad  # bad?\n")
    outcome = fix_file(file, replacing(r"\bbad\b(?!\?)", "good"))
    assert outcome.after["a.py"].raw == b"good = 1\nx = good  # bad?\n"
    assert len(outcome.applied) == 2
    assert outcome.remaining == {"a.py": [[]]}
    assert outcome.changed == ("a.py",)
    again = fix_file(outcome.after["a.py"], replacing(r"\bbad\b(?!\?)", "good"))
    assert again.changed == () and again.applied == ()


def test_only_the_asked_applicabilities():
    file = read("a.py", b"a = 1\nb = 2\nc = 3\n")
    check = both(
        replacing("^a", "x", "T1"),
        replacing("b", "y", "T2", Applicability.UNSAFE),
        replacing("c", "z", "T3", Applicability.DISPLAY),
    )
    assert fix_file(file, check).after["a.py"].raw == b"x = 1\nb = 2\nc = 3\n"
    everything = fix_file(file, check, tuple(Applicability))
    assert everything.after["a.py"].raw == b"x = 1\ny = 2\nc = 3\n"


def test_suppressed_findings_are_not_fixed():
    file = read("a.py", b"bad\n")
    plain = replacing("bad", "good")

    def check(file):
        return [[replace(one, suppressed=True) for one in found] for found in plain(file)]

    assert fix_file(file, check).changed == ()


def test_overlapping_fixes_take_turns():
    # "f(f(x))": the outer fix replaces the whole, the inner a part of it
    def check(file):
        code = file.sources[0].code
        found = []
        for m in re.finditer(r"old\(", code):
            depth, end = 1, m.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(code[end], 0)
                end += 1
            found.append(finding("a.py", code, m, [(m.start(), end, "new(" + code[m.end() : end])]))
        return [found]

    file = read("a.py", b"old(old(old(1)))\n")
    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == b"new(new(new(1)))\n"
    assert outcome.dropped == ()


def test_a_fix_that_breaks_the_code_is_dropped_alone():
    file = read("a.py", b"a = 1\nb = 2\nc = 3\n")
    check = both(replacing("a", "x", "T1"), replacing("b", "(", "T2"), replacing("c", "z", "T3"))
    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == b"x = 1\nb = 2\nz = 3\n"
    assert [(one.diagnostic.code, one.reason) for one in outcome.dropped] == [
        ("T2", "the result does not parse")
    ]
    assert [one.code for one in outcome.remaining["a.py"][0]] == ["T2"]


def test_an_error_beyond_grammar_is_seen():
    file = read("a.py", b"f(a=1, b=2)\n")
    outcome = fix_file(file, replacing("b", "a", "T2"))
    assert outcome.changed == ()
    assert len(outcome.dropped) == 1


def test_a_fix_that_brings_a_finding_is_dropped():
    file = read("a.py", b"a\nb\n")
    check = both(
        replacing("a", "worse", "T1"), replacing("b", "fine", "T2"), replacing("worse", "worst", "T3")
    )
    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == b"a\nfine\n"
    [dropped] = outcome.dropped
    assert dropped.diagnostic.code == "T1"
    assert "T3" in dropped.reason


@pytest.mark.parametrize("code", [b"(a b)\n", b"a\nb\n", b"b\na\n"])
def test_a_fix_that_another_one_makes_possible(code):
    """ "a" becomes "worse", which is a finding as long as there is a "b"; the two fixes overlap, or do not."""
    one = code.startswith(b"(")
    check = both(
        replacing(r"a(?= b|\b)", "worse", "T1"),
        replacing(r"a b|worse b|^b" if one else "b", "fine", "T2"),
        lambda file: replacing("worse", "worst", "T3")(file) if "b" in file.sources[0].code else [[]],
    )
    outcome = fix_file(read("a.py", code), check)
    assert outcome.dropped == ()
    assert outcome.remaining == {"a.py": [[]]}
    assert fix_file(outcome.after["a.py"], check).changed == ()


def test_a_fix_that_overlaps_the_one_that_makes_it_possible():
    # T1 may be made where "z" is gone, which T2 takes away together with a letter of what T1 replaces
    def check(file):
        code = file.sources[0].code
        found = [
            finding("a.py", code, m, [(m.start(), m.end(), "good")], "T1") for m in re.finditer("bad+", code)
        ]
        found += [
            finding("a.py", code, m, [(m.start() - 1, m.end(), "")], "T2") for m in re.finditer("z", code)
        ]
        if "good" in code and "z" in code:
            found.append(finding("a.py", code, re.search("good", code), [], "T3"))
        return [found]

    outcome = fix_file(read("a.py", b"baddz\n"), check)
    assert outcome.after["a.py"].raw == b"good\n"
    assert outcome.dropped == () and len(outcome.applied) == 2


def hiding(hider, word, rule="T9", traced=None):
    """A check that flags `word` once `hider` is gone; a step of its trace stands at `traced`."""

    def check(file):
        code = file.sources[0].code
        if re.search(hider, code):
            return [[]]
        found = [finding(file.path, code, m, [], rule) for m in re.finditer(word, code)]
        if traced is not None:
            step = re.search(traced, code)
            where = edits_of(file.path, code, [Change(step.start(), step.end(), "")])[0].span
            found = [replace(one, trace=(Step("here", where, file.path),)) for one in found]
        return [found]

    return check


def test_what_a_fix_brings_to_light_is_left_for_later():
    file = read("a.py", b"a\nb\nhidden\n")
    check = both(
        replacing(r"\ba\b", "x", "T1"),
        replacing(r"\bb\b", "y", "T2"),
        hiding(r"\ba\b", "hidden", traced="y|b"),
    )
    # with the step of its trace in what T2 wrote, the finding is T2's; T1 alone only uncovers it
    outcome = fix_file(file, check)
    assert [one.code for one in outcome.applied] == ["T1", "T2"]
    assert [one.code for one in outcome.remaining["a.py"][0]] == ["T9"]
    assert outcome.dropped == ()
    assert fix_file(outcome.after["a.py"], check).changed == ()


def test_what_comes_to_light_is_fixed_in_its_turn():
    file = read("a.py", b"a\nhidden\n")

    def check(file):
        found = replacing(r"\ba\b", "x", "T1")(file)[0]
        return [found or replacing("hidden", "mended", "T2")(file)[0]]

    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == b"x\nmended\n"
    assert [one.code for one in outcome.applied] == ["T1", "T2"]


@pytest.mark.parametrize("traced", ["worse", "worse\nb"])
def test_a_trace_through_what_the_fix_wrote_is_the_fix_s_doing(traced):
    file = read("a.py", b"a\nb\nhidden\n")
    outcome = fix_file(
        file, both(replacing(r"\ba\b", "worse", "T1"), hiding(r"\ba\b", "hidden", traced=traced))
    )
    assert outcome.changed == ()
    assert "brings a new finding, T9" in outcome.dropped[0].reason


def test_a_statement_that_is_deleted_hides_nothing():
    """A finding that comes with it may be about what is missing now, which no trace shows."""
    file = read("a.py", b"x\nneeded\nhidden\n")

    def check(file):
        code = file.sources[0].code
        return [
            [
                finding("a.py", code, m, [(m.start(), m.end() + 1, "")], "T1")
                for m in re.finditer("needed", code)
            ]
        ]

    outcome = fix_file(file, both(check, hiding("needed", "hidden")))
    assert outcome.changed == ()
    assert "T9" in outcome.dropped[0].reason


def test_an_import_that_is_deleted_may():
    file = read("a.py", b"import needed\nx\nhidden\n")

    def check(file):
        code = file.sources[0].code
        return [
            [
                finding("a.py", code, m, [(m.start(), m.end(), "")], "T1")
                for m in re.finditer("import needed\n", code)
            ]
        ]

    assert fix_file(file, both(check, hiding("needed", "hidden"))).after["a.py"].raw == b"x\nhidden\n"


def test_two_rules_that_uncover_each_other():
    """Neither touches the other's text, and each would bring the other's finding back."""
    file = read("a.py", b"a = 1\n1\nb = 1\n")

    def check(file):
        code = file.sources[0].code
        first = re.search(r"a = (\d)", code)
        second = re.search(r"b = (\d)", code)
        one = finding("a.py", code, first, [(first.start(1), first.end(1), str(1 - int(first[1])))], "T1")
        two = finding("a.py", code, second, [(second.start(1), second.end(1), str(1 - int(second[1])))], "T2")
        return [[one] if first[1] == second[1] else [two]]

    outcome = fix_file(file, check)
    assert outcome.changed == () and outcome.applied == ()
    assert [one.reason for one in outcome.dropped] == ["its fixes and those of T2 undo each other"]


def test_rules_that_undo_each_other_do_not_stop_the_others():
    file = read("a.py", b"a = 1\n1\nbad\n")

    def turning(file):
        code = file.sources[0].code
        found = re.search(r"a = (\d)", code)
        change = (found.start(1), found.end(1), str(1 - int(found[1])))
        return [[finding("a.py", code, found, [change], f"T{found[1]}", message="other")]]

    # the one finding is about the line below, so that it does not look brought
    def check(file):
        code = file.sources[0].code
        below = re.compile(r"(?m)^1$").search(code)
        where = edits_of("a.py", code, [Change(below.start(), below.end(), "")])[0].span
        return [[replace(one, span=where) for one in turning(file)[0]]]

    outcome = fix_file(file, both(check, replacing(r"\bbad\b", "good", "T9")))
    assert outcome.after["a.py"].raw == b"a = 1\n1\ngood\n"
    assert [one.code for one in outcome.applied] == ["T9"]
    assert [one.reason for one in outcome.dropped] == ["its fixes and those of T0 undo each other"]
    again = fix_file(outcome.after["a.py"], both(check, replacing(r"\bbad\b", "good", "T9")))
    assert again.changed == () and len(again.dropped) == 1


def test_a_fix_that_never_ends_is_dropped():
    """Each brings the same finding to light further down, for ever."""
    file = read("a.py", b"x\n")

    def check(file):
        code = file.sources[0].code
        found = re.search("x", code)
        return [[finding("a.py", code, found, [(len(code), len(code), "y\n")], message=str(len(code)))]]

    outcome = fix_file(file, check)
    assert outcome.changed == ()
    assert [one.reason for one in outcome.dropped] == ["its fixes come to no end"]


def test_what_comes_to_light_of_a_rule_that_had_its_turn():
    """The second run found something to do: the first had let nothing of a rule come to light whose fixes were applied before."""
    file = read("a.py", b"bad\na\nhider\nhidden\n")

    def check(file):
        code = file.sources[0].code
        found = [*replacing(r"\bbad\b", "good", "T1")(file)[0], *replacing(r"\ba\b", "x", "T2")(file)[0]]
        if not found:
            found += replacing(r"\bhider\b", "shown", "T3")(file)[0]
        if "hider" not in code:
            found += replacing(r"\bhidden\b", "mended", "T1")(file)[0]
        return [found]

    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == b"good\nx\nshown\nmended\n"
    assert fix_file(outcome.after["a.py"], check).changed == ()


@pytest.mark.parametrize("severity, mends", [(Severity.INFO, True), (Severity.WARNING, False)])
def test_advice_about_what_was_written(severity, mends):
    """PEFT602 asks that each switch is checked; one that is missing is worse."""
    file = read("a.py", b"bad\n")

    def check(file):
        code = file.sources[0].code
        advice = [finding("a.py", code, m, [], "PEFT602") for m in re.finditer("good", code)]
        return [[*replacing("bad", "good")(file)[0], *(replace(one, severity=severity) for one in advice)]]

    outcome = fix_file(file, check)
    assert outcome.after["a.py"].raw == (b"good\n" if mends else b"bad\n")
    assert [one.code for one in outcome.remaining["a.py"][0]] == (["PEFT602"] if mends else ["T1"])


def test_advice_does_not_bring_advice():
    file = read("a.py", b"bad\n")

    def check(file):
        code = file.sources[0].code
        found = [*replacing("bad", "good", "PEFT302")(file)[0]]
        found += [finding("a.py", code, m, [], "PEFT602") for m in re.finditer("good", code)]
        return [[replace(one, severity=Severity.INFO) for one in found]]

    outcome = fix_file(file, check)
    assert outcome.changed == ()
    assert "PEFT602" in outcome.dropped[0].reason


@pytest.mark.parametrize("new", ["bad, 1", "bad", "  bad"])
def test_a_fix_that_leaves_its_finding_is_dropped(new):
    file = read("a.py", b"x = [bad]\n")
    outcome = fix_file(file, replacing("bad", new))
    assert outcome.changed == ()
    assert len(outcome.dropped) == 1


def test_a_fix_that_moves_its_finding_is_dropped():
    file = read("a.py", b"x = 1\nbad\n")

    def check(file):
        code = file.sources[0].code
        return [[finding("a.py", code, m, [(m.start(), m.start(), "y\n")]) for m in re.finditer("bad", code)]]

    outcome = fix_file(file, check)
    assert outcome.changed == ()
    assert "leaves its finding" in outcome.dropped[0].reason


def test_two_rules_that_undo_each_other():
    file = read("a.py", b"a\n")
    outcome = fix_file(file, both(replacing(r"\ba\b", "b", "T1"), replacing(r"\bb\b", "a", "T2")))
    assert outcome.changed == ()
    assert "T2" in outcome.dropped[0].reason


def test_findings_that_move_are_not_new():
    # the fix adds lines above a finding without a fix, whose message names its line
    def check(file):
        code = file.sources[0].code
        found = [
            finding("a.py", code, m, [(m.start(), m.end(), "one\ntwo")]) for m in re.finditer("bad", code)
        ]
        for m in re.finditer("other", code):
            line = code.count("\n", 0, m.start()) + 1
            found.append(finding("a.py", code, m, [], "T9", message=f"other in line {line}"))
        return [found]

    outcome = fix_file(read("a.py", b"bad\nother\n"), check)
    assert outcome.after["a.py"].raw == b"one\ntwo\nother\n"


def test_a_finding_in_text_that_stood_there_twice_is_not_new():
    """Of `x = x.f()` the edit takes away " = x", and the finding at the second `x` is at the first one then."""

    def check(file):
        code = file.sources[0].code
        found = [
            finding("a.py", code, m, [(m.start() + 1, m.start() + 5, "")]) for m in re.finditer("x = x", code)
        ]
        for m in re.finditer(r"x\.f", code):
            found.append(finding("a.py", code, m, [], "T9", message="seen" if "=" in code else "seen still"))
        return [found]

    outcome = fix_file(read("a.py", b"x = x.f()\n"), check)
    assert outcome.after["a.py"].raw == b"x.f()\n"


def test_insertions_that_do_not_go_together_take_turns():
    # each adds an argument to the empty call: together they would make "f(a=1b=2)"
    def check(file):
        code = file.sources[0].code
        found = []
        m = re.match(r"f\((.*)\)", code)
        for name in "ab":
            if f"{name}=" not in m[1]:
                comma = ", " if m[1] else ""
                at = m.end(1)
                found.append(finding("a.py", code, m, [(at, at, f"{comma}{name}=1")], f"T{name}"))
        return [found]

    outcome = fix_file(read("a.py", b"f()\n"), check)
    assert outcome.after["a.py"].raw == b"f(a=1, b=1)\n"
    assert outcome.dropped == ()


def test_edits_that_do_not_fit_are_dropped():
    def check(file):
        edits = (Edit(Span(7, 1, 7, 2), "x", "a.py"),)
        fix = Fix("t", Applicability.SAFE, edits)
        return [[Diagnostic("T1", "t", Severity.ERROR, "m", "", "a.py", Span(1, 1, 1, 2), fix=fix)]]

    outcome = fix_file(read("a.py", b"a\n"), check)
    assert outcome.changed == ()
    assert "do not fit" in outcome.dropped[0].reason


def test_text_that_the_encoding_lacks_is_dropped():
    raw = "# coding: latin-1\nx = 'é bad'\n".encode("latin-1")
    assert fix_file(read("a.py", raw), replacing("bad", "→")).changed == ()
    good = fix_file(read("a.py", raw), replacing("bad", "ü")).after["a.py"].raw
    assert good == "# coding: latin-1\nx = 'é ü'\n".encode("latin-1")


def test_a_check_that_fails_after_the_fix():
    def check(file):
        if "good" in file.sources[0].code:
            raise SourceError("no", 1, 1)
        return replacing("bad", "good")(file)

    outcome = fix_file(read("a.py", b"bad\n"), check)
    assert outcome.changed == ()
    assert "no" in outcome.dropped[0].reason


def across(files):
    """Flags `need` in a.py; the fix renames it there and in b.py."""
    result = {}
    for path, file in files.items():
        code = file.sources[0].code
        found = []
        for m in re.finditer("need", code) if path == "a.py" else ():
            edits = edits_of("a.py", code, [Change(m.start(), m.end(), "have")])
            if "b.py" in files:
                other = files["b.py"].sources[0].code
                at = other.index("need")
                edits += edits_of("b.py", other, [Change(at, at + 4, "have")])
            else:
                edits += [Edit(Span(1, 1, 1, 5), "have", "b.py")]
            fix = Fix("t", Applicability.SAFE, tuple(edits))
            found.append(Diagnostic("T1", "t", Severity.ERROR, "m", "", "a.py", Span(1, 1, 1, 2), fix=fix))
        result[path] = [found]
    return result


def test_a_fix_over_two_files():
    files = {
        "a.py": read("a.py", b"need\n"),
        "b.py": read("b.py", b"need = 1\n"),
        "c.py": read("c.py", b"x\n"),
    }
    outcome = fix_files(files, across)
    assert outcome.after["a.py"].raw == b"have\n"
    assert outcome.after["b.py"].raw == b"have = 1\n"
    assert outcome.after["c.py"] is files["c.py"]
    assert outcome.changed == ("a.py", "b.py")


def test_a_fix_over_two_files_is_all_or_nothing():
    outcome = fix_files({"a.py": read("a.py", b"need\n")}, across)
    assert outcome.changed == ()
    assert "b.py" in outcome.dropped[0].reason

    def failing(files):
        if "have" in files["b.py"].sources[0].code:
            raise SourceError("b.py does not parse")
        return across(files)

    outcome = fix_files({"a.py": read("a.py", b"need\n"), "b.py": read("b.py", b"need = 1\n")}, failing)
    assert outcome.changed == ()


def test_a_fix_over_two_files_of_which_one_is_not_one_program():
    page = read("b.py", b"Only text.\n", "markdown")
    assert len(page.sources) != 1

    def check(files):
        edits = [Edit(Span(1, 1, 1, 5), "have", "a.py"), Edit(Span(1, 1, 1, 5), "have", "b.py")]
        fix = Fix("t", Applicability.SAFE, tuple(edits))
        found = Diagnostic("T1", "t", Severity.ERROR, "m", "", "a.py", Span(1, 1, 1, 2), fix=fix)
        return {"a.py": [[found]], "b.py": [[]] * len(files["b.py"].sources)}

    outcome = fix_files({"a.py": read("a.py", b"need\n"), "b.py": page}, check)
    assert outcome.changed == ()
    assert outcome.dropped[0].reason == "it also changes b.py, which is not one program"
    assert outcome.dropped[0].diagnostic.code == "T1"


def test_a_fix_that_changes_nothing_says_so():
    outcome = fix_file(read("a.py", b"bad\n"), replacing("bad", "bad"))
    assert outcome.changed == ()
    assert [dropped.reason for dropped in outcome.dropped] == ["it changes nothing"]


def test_imports_orphaned_by_several_fixes_go():
    raw = b"from peft import PeftConfig, PeftModel\nimport os\nPeftConfig(1)\nPeftConfig(2)\nPeftModel()\n"
    outcome = fix_file(read("a.py", raw), replacing(r"PeftConfig\((\d)\)", "load()"))
    assert (
        outcome.after["a.py"].raw == b"from peft import PeftModel\nimport os\nload()\nload()\nPeftModel()\n"
    )


def notebook(*sources, indent=1, **options):
    cells = [
        {"cell_type": kind, "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        if kind == "code"
        else {"cell_type": kind, "metadata": {}, "source": source}
        for kind, source in sources
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=indent, **options).encode() + b"\n"


def test_notebook():
    raw = notebook(
        ("markdown", "# bad"), ("code", ["!pip install bad\n", "x = bad\n", "y = 1"]), ("code", ["bad()"])
    )
    file = read("n.ipynb", raw)
    outcome = fix_file(file, replacing("bad", "good"))
    assert outcome.after["n.ipynb"].raw == raw.replace(b'"x = bad', b'"x = good').replace(
        b'"bad()', b'"good()'
    )
    assert outcome.diff() == (
        "--- n.ipynb:cell 1\n+++ n.ipynb:cell 1\n@@ -1,3 +1,3 @@\n"
        " !pip install bad\n-x = bad\n+x = good\n y = 1\n"
        "--- n.ipynb:cell 2\n+++ n.ipynb:cell 2\n@@ -1 +1 @@\n-bad()\n+good()\n"
    )


def test_a_fix_that_breaks_a_cell_is_dropped():
    file = read("n.ipynb", notebook(("code", "x = bad"), ("code", "y = 1")))
    outcome = fix_file(file, replacing("bad", "("))
    assert outcome.changed == ()
    assert outcome.dropped[0].reason == "the result does not parse"


def test_page_with_two_programs():
    block = (
        "```python\nfrom transformers import AutoModel\nmodel = AutoModel.from_pretrained('{}')\nbad\n```\n"
    )
    raw = ("# bad\n\n" + block.format("a") + "\nbad\n\n" + block.format("b")).encode()
    file = read("p.md", raw)
    assert len(file.sources) == 2
    outcome = fix_file(file, replacing("bad", "good"))
    assert outcome.after["p.md"].raw == raw.replace(b"\nbad\n```", b"\ngood\n```")


def test_diff_of_text():
    outcome = fix_file(read("a.py", b"bad\r\nx"), replacing("bad", "good"))
    expected = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n-bad\r\n+good\r\n x\n\\ No newline at end of file\n"
    assert outcome.diff() == expected

    assert fix_file(read("a.py", b"x\n"), replacing("bad", "good")).diff() == ""


def test_a_cache_that_goes_stale_once_the_weights_are_loaded():
    """The rules' own: the adapters computed what the base computes until their weights were loaded."""
    from peftlint.linter import Options, check_bytes
    from peftlint.settings import Settings

    program = b"""\
from peft import PeftConfig
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
model.add_adapter(PeftConfig.from_pretrained("adapters/code"), adapter_name="code")
model.set_adapter("math")
past = model(prefix, use_cache=True).past_key_values
model.set_adapter("code")
logits = model(rest, past_key_values=past).logits
"""
    report = check_bytes(program, "a.py", Settings(), Options(fix=Applicability.UNSAFE))
    assert report.fixed == {"PEFT101": 2, "PEFT301": 1}
    assert report.diagnostics == () and report.notes == ()


def test_diff_of_a_name_that_would_end_its_line():
    outcome = fix_file(read("a\n.py", b"bad\n"), replacing("bad", "good"))
    assert outcome.diff().startswith('--- "a\\n.py"\n+++ "a\\n.py"\n')


def test_an_import_whose_removal_brings_a_finding_stays():
    file = read("a.py", b"import os\nx = os.bad\n")

    def needed(file):
        code = file.sources[0].code
        return [[] if "import os" in code else [finding("a.py", code, re.search("x", code), [], "T2")]]

    outcome = fix_file(file, both(replacing(r"os\.bad", "1"), needed))
    assert outcome.after["a.py"].raw == b"import os\nx = 1\n"
