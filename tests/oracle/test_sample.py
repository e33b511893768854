"""A sample of the differential oracle: random PEFT programs are run, and what the interpreter states has to be so.

`python -m tools.oracle --programs 5000` runs more of them and prints what disagrees.
"""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("peft")

from tools.oracle.comparing import Disagreement, compare
from tools.oracle.running import Program, random_program
from tools.oracle.world import releases, world

PROGRAMS = 60


@pytest.fixture(scope="module")
def in_use():
    with world():
        yield releases()


def test_interpreter_and_library_agree(in_use: dict[str, str]) -> None:
    agreed: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    wrong: list[tuple[int, Disagreement]] = []
    for seed in range(PROGRAMS):
        outcome = compare(random_program(seed), in_use)
        agreed += outcome.agreed
        unknown += outcome.unknown
        wrong += [(seed, each) for each in outcome.disagreements]
    assert wrong == []
    # the comparison is about something: most facts are stated, and every kind of fact comes up
    assert sum(agreed.values()) > 4 * sum(unknown.values())
    for fact in (
        "adapters",
        "active",
        "enabled",
        "merged",
        "trainable",
        "trained",
        "training",
        "nested",
        "effect",
    ):
        assert agreed[fact] > 50, fact


@pytest.mark.parametrize(
    ("line", "instead", "fact"),
    [
        ('model.set_adapter("code")', 'model.set_adapter("math")', "active"),
        ("model.merge_adapter()", "pass", "merged"),
        ("model.requires_grad_(False)", "pass", "trainable"),
        ("model.base_model.disable_adapter_layers()", "pass", "enabled"),
        ('model.delete_adapter("code")', "pass", "adapters"),
    ],
)
def test_a_wrong_account_is_noticed(in_use: dict[str, str], line: str, instead: str, fact: str) -> None:
    """The run of one program against the interpreter's account of another one: they must not be taken for the same."""
    from tools.oracle.running import Runner

    runner = Runner()
    for text in (
        'base = AutoModelForCausalLM.from_pretrained("tiny")',
        'model = PeftModel.from_pretrained(base, "saved/math", "math", is_trainable=True)',
        'model.load_adapter("saved/code", "code")',
        line,
    ):
        assert runner.try_lines([text])
        runner.lines.append(text)
        runner.note(len(runner.lines), True)
    program = Program("\n".join(runner.lines) + "\n", runner.moments, runner.pristine)
    assert compare(program, in_use).disagreements == []
    changed = Program(program.text.replace(line, instead), program.moments, program.pristine)
    assert fact in {each.fact for each in compare(changed, in_use).disagreements}
