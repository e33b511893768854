"""Verdicts survive transformations that must not change them: a sample of programs under each transformation.

All programs under all transformations take an hour: `python -m tests.metamorphic --differences`.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from peftlint.diagnostics import Applicability
from tests.metamorphic.__main__ import main
from tests.metamorphic.comparing import compare
from tests.metamorphic.layouts import same_as_plain
from tests.metamorphic.subjects import Subject, subjects
from tests.metamorphic.tags import Places, tagged, untagged
from tests.metamorphic.transformations import TRANSFORMATIONS
from tools.fixes.checking import alone, fixed

SUBJECTS = subjects()
#: programs tried under each transformation; each transformation takes others
WRONG, RIGHT = 5, 2


def sample(transformation: str) -> list[Subject]:
    """The same programs for a transformation, whatever other programs come or go."""

    def rank(subject: Subject) -> int:
        return zlib.crc32(f"{transformation}: {subject.name}".encode())

    wrong = sorted((s for s in SUBJECTS if s.kind == "bad"), key=rank)
    right = sorted((s for s in SUBJECTS if s.kind != "bad"), key=rank)
    return wrong[:WRONG] + right[:RIGHT]


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_verdicts_are_kept(name: str) -> None:
    made = [comparison for subject in sample(name) if (comparison := compare(subject, name)) is not None]
    assert [str(comparison) for comparison in made if not comparison.kept] == []


#: (program, transformation) whose verdict once changed
ONCE_LOST = (
    ("PEFT407-switch-changes-gradients/bad_optimizer_of_the_first.py", "line continuations"),
    ("everyday/cached_api.py", "identifiers in another normal form"),
    (
        "PEFT602-switch-never-verified/good_active_adapters_asserted.py",
        "wholly in a function of another file",
    ),
    ("PEFT103-nested-peft-model/good_correlated_conditions.py", "in __init__ and run()"),
    ("PEFT902-deprecated-api/bad_int8_training.py", "import module as M"),
    ("PEFT302-switch-without-cache-clear/bad_commands_in_any_order.py", "line continuations"),
    ("PEFT110-load-result-used-as-model/bad_merge_adapter.py", "identifiers in another normal form"),
    ("functions/results_that_are_no_model.py", "identifiers in another normal form"),
    ("PEFT901-removed-api/good_version_in_a_name.py", "identifiers in another normal form"),
    ("services/gradio_compare.py", "in a method never called"),
    ("services/lifespan_keeps_models.py", "in a function never called"),
    ("services/fastapi_lifespan.py", "in a function that is called"),
    ("services/fastapi_lifespan.py", "wholly in a function of another file"),
    ("services/startup_sets_globals.py", "in a function never called"),
    ("services/startup_sets_globals.py", "identifiers in another normal form"),
    ("PEFT901-removed-api/good_version_in_a_name.py", "variables in a dict"),
    ("PEFT901-removed-api/bad_from_the_old_module.py", "import module as M"),
    ("PEFT902-deprecated-api/bad_model_mapping.py", "import module"),
    ("PEFT901-removed-api/bad_int8_preparation.py", "from module import *"),
    ("PEFT211-unknown-config-argument/bad_lora_r.py", "in try / except log"),
    ("classes/wrapper_beside_full_model.py", "in try / except log"),
    ("functions/partial_resumed.py", "in try / except log"),
    ("classes/memo_by_adapter.py", "through a second name"),
    ("classes/mixin_super.py", "assigned to two names at once"),
    ("classes/reference_from_policy.py", "in a method never called"),
    ("functions/optional_param.py", "from module import X as Y"),
    ("training/downstream_adapter_never_trained.py", "comments between tokens"),
    ("PEFT303-memoized-across-switch/fixed_cached_embeddings.py", "in a loop of one round"),
    ("PEFT504-state-dict-patched/bad_alpaca.py", "semicolons"),
    ("PEFT112-injected-base-used-as-clean/fixed_unload_repoints.py", "the first half in another file"),
    ("PEFT506-merged-state-dict-aliased/bad_read_by_a_generator.py", "keywords for positional arguments"),
    ("everyday/hub_base_load.py", "the first half in another file"),
    ("narrowing/annotated_parameters.py", "wholly in a function of another file"),
    ("PEFT103-nested-peft-model/good_correlated_conditions.py", "the first half in another file"),
    ("PEFT308-concurrent-switch/fixed_thread_pool.py", "variables in a dict"),
    ("everyday/save_base_variable.py", "CR"),
    ("everyday/four_bit_trainer.py", "from module import X as Y"),
    ("PEFT110-load-result-used-as-model/bad_load_adapter.py", "through a second name"),
    ("PEFT110-load-result-used-as-model/bad_under_another_name.py", "assigned to two names at once"),
)


@pytest.mark.parametrize(("program", "name"), ONCE_LOST)
def test_what_was_lost_once(program: str, name: str) -> None:
    subject = next(subject for subject in SUBJECTS if subject.name == program)
    comparison = compare(subject, name)
    assert comparison is not None and comparison.kept, str(comparison)


def test_each_transformation_applies_to_wrong_and_right_programs() -> None:
    """One that gives None, or the program as it was, would keep all verdicts."""
    programs = SUBJECTS[::9]
    for name, transform in TRANSFORMATIONS.items():
        forms = ((subject, transform(subject.module)) for subject in programs)
        changed = (
            variant.contents() != {"program.py": untagged(subject.module.code).encode()}
            for subject, variant in forms
            if variant is not None
        )
        assert any(changed), name


def test_numbers_follow_statements() -> None:
    module = tagged("if x:\n    a = 1; b = f(\n        2)\n")
    places = Places.of(module.code)
    assert untagged(module.code) == "if x:\n    a = 1; b = f(\n        2)\n"
    assert [places.number(1, 1), places.number(2, 5), places.number(2, 12), places.number(3, 9)] == [
        2,
        0,
        1,
        1,
    ]


def test_a_lost_verdict_is_seen() -> None:
    subject = next(s for s in SUBJECTS if s.kind == "bad")
    assert subject.baseline
    emptied = Subject(subject.name, "import peft\n", "bad", subject.codes)
    assert not emptied.baseline


@pytest.mark.parametrize("number", range(0, len(TRANSFORMATIONS), 3))
def test_what_fixing_makes_of_a_form(number: int) -> None:
    """It parses, a second run changes nothing, the findings are gone, none is new, comments and line ends are kept."""
    name = list(TRANSFORMATIONS)[number]
    for subject in sample(name)[:2]:
        variant = TRANSFORMATIONS[name](subject.module)
        for file, raw in (variant.contents() if variant is not None else {}).items():
            assert fixed(raw, file, alone(file, subject.settings), Applicability.UNSAFE).faults == ()


#: programs whose fixes once took in what stands on the same line, or stood before it
ON_ONE_LINE = (
    "PEFT504-state-dict-patched/bad_alpaca.py",
    "PEFT112-injected-base-used-as-clean/bad_inner_model.py",
    "PEFT409-dropout-left-on/bad_eval_before_wrapping.py",
    "PEFT412-everything-unfrozen/bad_adapter_frozen_too.py",
    "scripts/base_as_reference.py",
    "everyday/weighted_blend.py",
    "everyday/freeze_after_wrap.py",
    "diffusion/disabled_then_switched.py",
)


def test_fixes_keep_to_their_statement() -> None:
    """With semicolons between the statements fixing gives the program that it gives without."""
    chosen = [s for s in SUBJECTS if s.name in ON_ONE_LINE]
    assert len(chosen) == len(ON_ONE_LINE)
    chosen += [s for s in sample("fixes with semicolons") if s.kind == "bad"]
    changed = []
    for subject in chosen:
        variant = TRANSFORMATIONS["semicolons"](subject.module)
        plain = untagged(subject.module.code).encode()
        for form in variant.contents().values() if variant is not None else ():
            if not same_as_plain(plain, form, subject.settings, Applicability.UNSAFE):
                changed.append(subject.name)
    assert changed == []


def test_what_is_saved_is_added_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(tmp_path / "forms.jsonl")
    assert main(["--every", "300", "--only", "CRLF", "--save", saved]) == 0
    table = capsys.readouterr().out
    assert main(["--only", "CRLF", "--saved", saved, "--again"]) == 0
    assert capsys.readouterr().out == table
    assert " CRLF " in f" {table} "
