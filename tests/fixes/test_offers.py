"""What rules offer as fixes where the obvious one would not do; a fix that is dropped is no promise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from peftlint.cli import run
from peftlint.diagnostics import Applicability
from peftlint.linter import Options, check_bytes
from peftlint.settings import Settings


def fixes(code: str, *select: str, upto: Applicability = Applicability.UNSAFE) -> tuple[str, tuple[str, ...]]:
    """The code after all fixes, and the notes on those that were dropped."""
    settings = Settings(select=select) if select else Settings()
    report = check_bytes(code.encode(), "a.py", settings, Options(fix=upto))
    return report.change[1].decode() if report.change else code, report.notes


def offered(code: str) -> list[str]:
    return [d.code for d in check_bytes(code.encode(), "a.py", Settings(), Options()).diagnostics if d.fix]


OLD_NAME = """\
from peft import LoraConfig
{imports}
from transformers import AutoModelForCausalLM

config = LoraConfig(r=4, target_modules=["q_proj"])
base = AutoModelForCausalLM.from_pretrained("base")
tuner = PEFT_TYPE_TO_MODEL_MAPPING[config.peft_type](base, config, "default")
"""


@pytest.mark.parametrize("comment", ["", "  # the tuners", "  # noqa: F401"])
def test_an_import_with_a_comment_gets_the_new_name(comment: str) -> None:
    old = OLD_NAME.format(imports=f"from peft.peft_model import PEFT_TYPE_TO_MODEL_MAPPING{comment}")
    new, dropped = fixes(old)
    assert not dropped
    assert "MODEL_MAPPING" not in new and "tuner = PEFT_TYPE_TO_TUNER_MAPPING[" in new
    if comment:
        assert f"from peft import PEFT_TYPE_TO_TUNER_MAPPING{comment}\n" in new


def test_an_import_under_a_condition_gets_the_new_name() -> None:
    old = OLD_NAME.format(imports="if True:\n    from peft.peft_model import PEFT_TYPE_TO_MODEL_MAPPING\n")
    new, dropped = fixes(old)
    assert not dropped
    assert "if True:\n    from peft import PEFT_TYPE_TO_TUNER_MAPPING\n" in new


def test_a_name_that_cannot_be_taken_out_is_left_to_the_author() -> None:
    imports = (
        "from peft.peft_model import (\n    PEFT_TYPE_TO_MODEL_MAPPING,  # the tuners\n    PeftModel,\n)"
    )
    old = OLD_NAME.format(imports=imports) + "print(PeftModel)\n"
    assert offered(old) == []


SWITCHED = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a", adapter_name="a")
{more}model.active_adapter = "b"
print(model.generate(ids))
"""


def test_no_adapter_of_that_name_to_activate() -> None:
    assert offered(SWITCHED.format(more="")) == []
    assert offered(SWITCHED.format(more='model.load_adapter("adapters/b", adapter_name="b")\n')) == [
        "PEFT310"
    ]


DISABLED = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a", adapter_name="a")


def plain(ids):
    model.disable_adapter()  # the base alone
{rest}

print(plain(ids))
"""


@pytest.mark.parametrize(
    ("rest", "new"),
    [
        ("    return model(ids)\n", "        return model(ids)\n"),
        (
            "    # as it was\n    with no_grad():\n        return model(\n            ids\n        )\n",
            "        # as it was\n        with no_grad():\n            return model(\n                ids\n            )\n",
        ),
        (
            '    text = """\n  a\n"""\n    return model(text)\n',
            '        text = """\n  a\n"""\n        return model(text)\n',
        ),
    ],
)
def test_the_rest_of_a_function_goes_into_the_context(rest: str, new: str) -> None:
    fixed, dropped = fixes(DISABLED.format(rest=rest))
    assert not dropped
    assert fixed == DISABLED.replace("    model.d", "    with model.d").replace("()  #", "():  #").format(
        rest=new
    )


@pytest.mark.parametrize(
    "rest",
    [
        "    x = model(ids)\n    print(x)\n",
        "    x = model(ids); model.base_model.enable_adapter_layers()\n    return x\n",
    ],
)
def test_elsewhere_the_layers_are_disabled(rest: str) -> None:
    fixed, _ = fixes(DISABLED.format(rest=rest))
    assert "    model.base_model.disable_adapter_layers()  # the base alone\n" + rest in fixed


def test_nobody_is_seen_to_use_the_model() -> None:
    """What the author wants of the model afterwards is not known."""
    assert offered(DISABLED.format(rest="    print(1)\n")) == []


WRAPPED_FIRST = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("base")
{first}
{more}model = PeftModel.from_pretrained(model, "adapter")
"""


@pytest.mark.parametrize(
    ("first", "more", "is_offered"),
    [
        ("model = get_peft_model(model, LoraConfig())", "", True),
        ("model = get_peft_model(model, LoraConfig())", "save_the_start(model)\n", False),
        ("model = get_peft_model(model, LoraConfig())", "model.print_trainable_parameters()\n", False),
        ("with gradients(model):\n    model = get_peft_model(model, LoraConfig())", "", False),
    ],
)
def test_a_first_wrap_that_something_needs_stays(first: str, more: str, is_offered: bool) -> None:
    assert offered(WRAPPED_FIRST.format(first=first, more=more)) == (["PEFT103"] if is_offered else [])


CHOSEN_AGAIN = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a", adapter_name="a")
model.disable_adapter()
for ids in rows:
    plain = model(ids)

model.set_adapter("a")
adapted = model(ids)
"""


def test_the_base_is_meant_until_an_adapter_is_chosen() -> None:
    fixed, dropped = fixes(CHOSEN_AGAIN)
    assert not dropped
    with_block = (
        "with model.disable_adapter():\n    for ids in rows:\n        plain = model(ids)\n\nmodel.set"
    )
    assert with_block in fixed


LOADED = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a", adapter_name="a")
model.load_adapter("adapters/b", adapter_name="b")
print(model.generate(ids))
"""


def test_advice_about_the_new_line_does_not_stop_a_fix() -> None:
    """PEFT602 asks that switches are checked; that the adapter was never active is worse."""
    fixed, dropped = fixes(LOADED, "ALL")
    assert not dropped
    assert 'model.set_adapter("b")\n' in fixed
    report = check_bytes(fixed.encode(), "a.py", Settings(select=("ALL",)), Options(fix=Applicability.UNSAFE))
    assert {d.code for d in report.diagnostics} == {"PEFT602"}
    assert report.change is None and report.notes == ()


OVER_ITS_ADAPTER = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapter")
model.merge_and_unload()
model.save_pretrained("adapter")
"""


OTHER = """\
other = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("other"), "other")
other.disable_adapter()
print(other(ids))
"""


def test_a_fix_that_was_dropped_is_not_promised_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.py"
    # another one, whose fix is not asked for, keeps its promise
    path.write_text(OVER_ITS_ADAPTER + OTHER)

    assert run(["check", "--fix", "--no-cache", str(path)]) == 1
    told = capsys.readouterr()
    assert (
        "a.py:6: PEFT501 merge-result-discarded was not fixed: it brings a new finding, PEFT505" in told.err
    )
    assert "Keep the merged model (by hand)" in told.out
    assert "1 fixable with `--fix --unsafe-fixes`." in told.out
    assert path.read_text() == OVER_ITS_ADAPTER + OTHER
    run(["check", "--fix", "--no-cache", "--output-format", "json", str(path)])
    assert json.loads(capsys.readouterr().out)["summary"]["fixable"] == 1


def test_what_is_fixed_where_it_stands_is_not_left_where_it_is_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "merging.py").write_text(
        OVER_ITS_ADAPTER.replace("base = ", "def merged():\n    base = ")
        .replace("\nmodel", "\n    model")
        .replace('save_pretrained("adapter")', 'save_pretrained("merged")')
    )
    (tmp_path / "main.py").write_text("from merging import merged\nfrom peft import PeftModel\n\nmerged()\n")
    assert run(["check", "--fix", "--no-cache", "--output-format", "concise", str(tmp_path)]) == 0
    assert "model = model.merge_and_unload()" in (tmp_path / "merging.py").read_text()
    assert "PEFT501" not in capsys.readouterr().out


def test_a_broken_cell_is_still_reported_when_others_are_fixed() -> None:
    cells = [
        {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
        for text in (DISABLED.format(rest="    return model(ids)\n"), "x = = 1\n")
    ]
    raw = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    report = check_bytes(raw, "a.ipynb", Settings(), Options(fix=Applicability.UNSAFE))
    assert report.change is not None and b"with model.disable_adapter():" in report.change[1]
    assert len(report.errors) == 1


QUANTIZED = """\
{imports}
model = {auto}.from_pretrained(
    "base",
    load_in_4bit=True,
    device_map="auto",
    bnb_4bit_compute_dtype=torch.float16,
)
model = get_peft_model(model, LoraConfig(init_lora_weights=True))
"""


@pytest.mark.parametrize(
    ("imports", "auto", "config"),
    [
        ("import transformers", "transformers.AutoModelForCausalLM", "transformers.BitsAndBytesConfig"),
        ("import transformers as hf", "hf.AutoModelForCausalLM", "hf.BitsAndBytesConfig"),
        ("from transformers import AutoModelForCausalLM", "AutoModelForCausalLM", "BitsAndBytesConfig"),
        (
            "import transformers\nfrom transformers import AutoModelForCausalLM",
            "AutoModelForCausalLM",
            "BitsAndBytesConfig",
        ),
    ],
)
def test_what_belongs_to_the_quantization_goes_with_it(imports: str, auto: str, config: str) -> None:
    """Left where they are, these keywords reach the model's `__init__`, which does not know them."""
    imports = f"import torch\nfrom peft import LoraConfig, get_peft_model\n{imports}"
    fixed, dropped = fixes(QUANTIZED.format(imports=imports, auto=auto))
    assert not dropped
    new = f"    quantization_config={config}(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float16),\n"
    assert f'{new}    device_map="auto",\n)\n' in fixed
    assert ("BitsAndBytesConfig\n" in fixed) == ("." not in config)


IN_A_DISPLAY = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
models = {{
{base}    "a": PeftModel.from_pretrained(base, "adapters/a"),
    "b": PeftModel.from_pretrained(base, "adapters/b"),
    "c": PeftModel.from_pretrained(base, "adapters/c"),
}}
"""


def test_copies_of_a_base_that_stands_beside_its_adapters() -> None:
    fixed, _ = fixes(IN_A_DISPLAY.format(base='    "plain": base,\n'))
    assert fixed.count("(deepcopy(base), ") == 3
    fixed, _ = fixes(IN_A_DISPLAY.format(base=""))
    assert fixed.count("(deepcopy(base), ") == 2
