"""A sample of the differential oracle: random PEFT programs are run, and what the interpreter states has to be so.

`python -m tools.oracle --programs 5000` runs more of them and prints what disagrees.
"""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("peft")

from tools.oracle.comparing import Disagreement, compare
from tools.oracle.grammar import HEADER
from tools.oracle.reading import interpret, model_in
from tools.oracle.running import Program, given_program, random_program
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


#: seeds of programs on which the interpreter, or what reads the library, was wrong
ONCE_WRONG = (1812, 20036, 20069, 20149, 60262, 60334, 62291, 62414)


@pytest.mark.parametrize("seed", ONCE_WRONG)
def test_what_was_wrong_once(in_use: dict[str, str], seed: int) -> None:
    assert compare(random_program(seed), in_use).disagreements == []


LOADED = """
base = AutoModelForCausalLM.from_pretrained("tiny")
model = PeftModel.from_pretrained(base, "saved/math", is_trainable=True)
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            LOADED
            + """
model.base_model.disable_adapter_layers()
with model.disable_adapter():
    model.base_model.enable_adapter_layers()
weights = model.state_dict()
""",
            id="disabled before the block, enabled in it: stays enabled",
        ),
        pytest.param(
            LOADED.replace("PeftModel", "PeftMixedModel")
            + """
model.base_model.disable_adapter_layers()
with model.disable_adapter():
    pass
weights = model.state_dict()
""",
            id="a mixed model is enabled when the block ends",
        ),
        pytest.param(
            LOADED
            + """
model.base_model.disable_adapter_layers()
with model.disable_adapter():
    model.load_adapter("saved/code", "code", is_trainable=True)
    model.set_adapter("code")
weights = model.state_dict()
""",
            id="disabled before the block: gradients stay as the block leaves them",
        ),
        pytest.param(
            LOADED
            + """
model.merge_adapter()
model = get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj"]))
model.unmerge_adapter()
""",
            id="replaced while merged: un-merging takes away something else",
        ),
        pytest.param(
            LOADED
            + """
model.merge_adapter()
model.load_adapter("saved/code", "default")
model.unmerge_adapter()
""",
            id="loaded over while merged",
        ),
        pytest.param(
            LOADED
            + """
model.merge_adapter()
set_peft_model_state_dict(model, {k: v * 2 for k, v in get_peft_model_state_dict(model).items()})
model.unmerge_adapter()
""",
            id="weights written while merged",
        ),
    ],
)
def test_written_programs(in_use: dict[str, str], text: str) -> None:
    outcome = compare(given_program(text), in_use)
    assert outcome.disagreements == []
    assert outcome.agreed["effect"] > 0


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


UNLOADED = """
base = AutoModelForCausalLM.from_pretrained("tiny")
model = PeftModel.from_pretrained(base, "saved/math")
base = model.merge_and_unload()
model = get_peft_model(base, LoraConfig(r=2), "first")
model.load_adapter("saved/dropout", adapter_name="{name}")
"""


@pytest.mark.parametrize(
    ("release", "name", "known"),
    [("0.17.1", "default", False), ("0.17.1", "x", True), ("0.19.0", "default", True)],
)
def test_a_name_that_the_base_keeps_a_config_of(release: str, name: str, known: bool) -> None:
    """Up to peft 0.18 a name that was there before merge_and_unload is not put in again (run on 0.17.1 and 0.11.1)."""
    text = HEADER + UNLOADED.format(name=name)
    watched = interpret(text, {"peft": release, "transformers": "4.56.2"})
    (state,) = watched.seen[len(text.splitlines())]
    read = model_in(watched, state, "model")
    assert (read is not None and {a.name.value for a in read[1].adapters} == {"first", name}) is known


def test_inputs_are_hooked_though_another_adapter_took_the_place_of_the_model_s_own() -> None:
    """transformers 4 asks whether `load_adapter` of the model itself was ever called (run on 4.41.2; program 70098)."""
    text = HEADER + (
        'base = AutoModelForCausalLM.from_pretrained("tiny")\n'
        'base.load_adapter("saved/code")\n'
        'model = PeftModel.from_pretrained(base, "saved/wide")\n'
        "base.gradient_checkpointing_enable()\n"
    )
    watched = interpret(text, {"peft": "0.11.1", "transformers": "4.41.2"})
    (state,) = watched.seen[len(text.splitlines())]
    read = model_in(watched, state, "base")
    assert read is not None and read[1].input_grads is True


def test_copies_of_whole_modules_run_on_beside_another_adapter() -> None:
    """The copy of `embed_tokens` learns though its adapter is not active (run on 0.17.1; program 90201)."""
    text = HEADER + (
        'base = AutoModelForCausalLM.from_pretrained("tiny")\n'
        'base.add_adapter(LoraConfig(r=2, modules_to_save=["embed_tokens"]), adapter_name="first")\n'
        'base.add_adapter(LoraConfig(r=2), adapter_name="other")\n'
        'model = PeftModel.from_pretrained(base, "saved/wide", adapter_name="a")\n'
        "for parameter in model.parameters():\n"
        "    parameter.requires_grad = True\n"
        "model(input_ids=ids, labels=ids).loss.backward()\n"
    )
    watched = interpret(text, {"peft": "0.17.1", "transformers": "4.56.2"})
    (state,) = watched.seen[len(text.splitlines())]
    read = model_in(watched, state, "model")
    assert read is not None
    trained = {str(adapter.name.value): adapter.trained for adapter in read[1].adapters}  # type: ignore[union-attr]
    assert trained == {"first": None, "other": False, "a": True}
