"""The measuring itself: it sees harm that is there and none that is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from fixtures.programs import Program, run


@pytest.fixture
def program(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str) -> Program:
        folder = tmp_path / "PEFT999-some-rule"
        folder.mkdir(exist_ok=True)
        path = folder / "bad_some.py"
        path.write_text(text)
        return Program(path)

    return write


LOAD = """
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("tiny-llama")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
ids = torch.tensor([[5, 6, 7, 8]])
"""


def test_markers_and_headers(program) -> None:  # type: ignore[no-untyped-def]
    subject = program(
        "# target: peft==0.17.1 trl==0.9.0\n# argv: --a b\nx = '# expect: PEFT101'\n"
        "y = 1  # expect: PEFT101, PEFT102\nz = 2  # expect-strict: PEFT212\n"
    )
    assert subject.expected() == {(4, "PEFT101"), (4, "PEFT102")}
    assert subject.expected("expect-strict") == {(5, "PEFT212")}
    assert subject.targets == {"peft": "0.17.1", "trl": "0.9.0"}
    assert subject.headers["argv"] == "--a b"
    assert subject.unmarked.splitlines()[3:] == ["y = 1", "z = 2"]


def test_references_differ_from_each_other() -> None:
    from fixtures.measure import adapter_logits, base_logits, difference

    values = [base_logits(), *(adapter_logits(name) for name in ("math", "code", "poetry", "wide"))]
    for i, left in enumerate(values):
        for right in values[:i]:
            assert difference(left, right) > 1.0


def test_program_is_run_as_main_in_a_workspace_of_its_own(program) -> None:  # type: ignore[no-untyped-def]
    text = "import os, sys\nopen('adapters/math/README.md', 'w').write('x')\n"
    text += "print(__name__, sys.argv[1:])\nraise SystemExit(3)\n"
    before = Path.cwd()
    for _ in range(2):
        with run(program("# argv: --n 3\n" + text)) as result:
            assert result.output == "__main__ ['--n', '3']\n"
            assert isinstance(result.error, SystemExit)
            assert result.workspace == Path.cwd()
        assert Path.cwd() == before
        assert not result.workspace.exists()


def test_models_are_found_where_programs_keep_them(program) -> None:  # type: ignore[no-untyped-def]
    from fixtures.measure import models

    text = LOAD + "class Server:\n    def __init__(self): self.models = {'m': [model]}\n"
    text += "server = Server()\nname = model\ndel model\n"
    with run(program(text)) as result:
        assert sorted(models(result)) == ["base", "name"]
        del result.namespace["name"]
        assert sorted(models(result)) == ["base", "server.models['m'][0]"]


def test_stale_cache_is_measured(program) -> None:  # type: ignore[no-untyped-def]
    from fixtures.measure import stale_cache_difference

    text = LOAD + "model.load_adapter('adapters/code', 'code')\nwith torch.no_grad():\n"
    text += "    cache = model(ids[:, :3]).past_key_values\n    {switch}\n"
    text += "    model(ids[:, 3:], past_key_values=cache)\n"
    with run(program(text.format(switch="pass"))) as result:
        assert result.error is None
        assert stale_cache_difference(result) < 1e-4
    with run(program(text.format(switch="model.set_adapter('code')"))) as result:
        assert stale_cache_difference(result) > 0.1
    with run(program(text.format(switch="cache = None; model.set_adapter('code')"))) as result:
        assert stale_cache_difference(result) is None
    generating = LOAD + "model.generate(input_ids=ids, max_new_tokens=4, do_sample=False)\n"
    with run(program(generating)) as result:
        assert len(result.forwards) == 4
        assert stale_cache_difference(result) < 1e-4


def test_forward_is_told_from_its_logits(program) -> None:  # type: ignore[no-untyped-def]
    with run(
        program(LOAD + "base(ids); model(ids)\nwith model.disable_adapter():\n    model(ids)\n")
    ) as result:
        assert [f.reference() for f in result.forwards] == ["math", "math", "base"]


def test_optimizer_steps_are_recorded(program) -> None:  # type: ignore[no-untyped-def]
    text = LOAD + "{enable}\noptimizer = torch.optim.SGD(model.parameters(), lr=1.0)\n"
    text += "model.enable_input_require_grads()\nmodel(ids, labels=ids).loss.backward()\noptimizer.step()\n"
    with run(program(text.format(enable="pass"))) as result:
        assert [(s.with_gradient, s.changed) for s in result.steps] == [(0, 0)]
    with run(program(text.format(enable="model.set_adapter('math')"))) as result:
        assert [(s.with_gradient, s.changed) for s in result.steps] == [(8, 8)]


def test_weights_are_compared_with_the_saved_ones(program) -> None:  # type: ignore[no-untyped-def]
    from fixtures.measure import (
        adapter_tensors,
        holds_weights_of,
        is_untrained,
        model,
        saved_tensors,
        trainable,
    )

    text = (
        LOAD
        + "from peft import LoraConfig\nmodel.add_adapter('new', LoraConfig(target_modules=['q_proj']))\n"
    )
    with run(program(text + "model.save_pretrained('out')\n")) as result:
        peft_model = model(result)
        assert holds_weights_of(peft_model, "math", "math")
        assert not holds_weights_of(peft_model, "math", "code")
        assert not is_untrained(peft_model, "math") and is_untrained(peft_model, "new")
        assert len(saved_tensors("out/math")) == 8
        assert len(adapter_tensors(peft_model, "new")) == 4
        assert not any("math" in name for name in trainable(peft_model))
