"""Public changes of the libraries: silent (or advised otherwise) for the release before, reported for the one after.

Each change is in the release notes of the release named, and was read from the wheels on both sides (tools/api_table).
"""

from __future__ import annotations

import pytest

from peftlint.linter import check_source
from peftlint.rules.upgrade.replacements import (
    CONSTRUCTORS,
    DEPRECATED_NAMES,
    FROM_PRETRAINED,
    METHODS,
    NAMES,
)
from peftlint.semantics.api import table
from peftlint.settings import Settings

MODEL = """
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("base")
"""
PEFT = MODEL + 'model = PeftModel.from_pretrained(base, "a", adapter_name="a")\n'
MIXIN = MODEL + 'base.load_adapter("a", adapter_name="a")\n'
PIPE = """
from diffusers import StableDiffusionPipeline
pipe = StableDiffusionPipeline.from_pretrained("sd")
pipe.load_lora_weights("loras", adapter_name="a")
"""
#: package, release that is right, release that is wrong, code, program
CHANGES = [
    # peft
    ("peft", "0.9.0", "0.10.0", "PEFT901", "from peft import prepare_model_for_int8_training\n"),
    ("peft", "0.18.1", "0.19.0", "PEFT901", "from peft import BoneConfig\n"),
    ("peft", "0.17.0", "0.16.0", "PEFT901", "from peft import MissConfig\n"),
    ("peft", "0.7.0", "0.6.2", "PEFT901", "from peft import PeftMixedModel\n"),
    ("peft", "0.19.0", "0.18.1", "PEFT802", PEFT + 'model.set_adapter("a", inference_mode=True)\n'),
    ("peft", "0.9.0", "0.8.2", "PEFT211", MODEL + "LoraConfig(use_dora=True)\n"),
    ("peft", "0.8.1", "0.7.1", "PEFT211", MODEL + "LoraConfig(use_rslora=True)\n"),
    ("peft", "0.15.0", "0.14.0", "PEFT211", MODEL + "LoraConfig(trainable_token_indices=[1])\n"),
    ("peft", "0.8.2", "0.8.1", "PEFT903", PEFT + "model.generate(ids)\n"),
    ("peft", "0.10.0", "0.9.0", "PEFT804", PEFT + 'model(input_ids=ids, adapter_names=["a"])\n'),
    # transformers
    (
        "transformers",
        "4.45.2",
        "5.0.0",
        "PEFT901",
        MODEL + "from transformers import Trainer\nTrainer(model=base, tokenizer=t)\n",
    ),
    (
        "transformers",
        "4.40.2",
        "5.0.0",
        "PEFT901",
        MODEL
        + 'from transformers import TrainingArguments\nTrainingArguments("o", evaluation_strategy="no")\n',
    ),
    (
        "transformers",
        "4.56.2",
        "5.0.0",
        "PEFT901",
        MODEL + 'AutoModelForCausalLM.from_pretrained("b", load_in_8bit=True)\n',
    ),
    ("transformers", "4.56.2", "5.0.0", "PEFT901", MIXIN + "print(base.active_adapter())\n"),
    ("transformers", "4.49.0", "4.57.6", "PEFT901", MODEL + "from transformers import AdamW\n"),
    # diffusers
    ("diffusers", "0.30.0", "0.29.2", "PEFT802", PIPE + 'pipe.fuse_lora(components=["unet"])\n'),
    ("diffusers", "0.29.2", "0.30.0", "PEFT902", PIPE + "pipe.fuse_lora(fuse_unet=True)\n"),
    ("diffusers", "0.30.0", "0.29.2", "PEFT901", PIPE + "from diffusers import FluxPipeline\n"),
    # trl
    ("trl", "0.19.1", "0.20.0", "PEFT901", MODEL + "from trl import DataCollatorForCompletionOnlyLM\n"),
    (
        "trl",
        "0.15.2",
        "0.16.0",
        "PEFT901",
        MODEL + "from trl import SFTTrainer\nSFTTrainer(base, tokenizer=t)\n",
    ),
]


def codes(program: str, package: str, release: str, code: str) -> set[str]:
    settings = Settings(select=(code,), targets={package: f"=={release}"})
    return {found.code for found in check_source(program.encode(), "program.py", settings)}


@pytest.mark.parametrize(("package", "right", "wrong", "code", "program"), CHANGES)
def test_change(package: str, right: str, wrong: str, code: str, program: str) -> None:
    assert codes(program, package, right, code) == set()
    assert codes(program, package, wrong, code) == {code}


def test_range_that_holds_both_is_silent() -> None:
    settings = Settings(select=("PEFT901",), targets={"peft": ">=0.9,<0.12"})
    program = b"from peft import prepare_model_for_int8_training\n"
    assert check_source(program, "program.py", settings) == []


@pytest.mark.parametrize(
    "name", sorted({*NAMES, *DEPRECATED_NAMES, *(new.new for new in NAMES.values() if new.new)})
)
def test_names_of_replacements_exist_in_some_release(name: str) -> None:
    if name.partition(".")[0] in ("peft", "transformers", "diffusers", "trl"):
        assert table.path_lifetime(name)


def test_methods_of_replacements_exist_in_some_release() -> None:
    for (_, old), (new, _, package, _) in METHODS.items():
        for name in (old, new):
            assert table.lifetime(f"{package}.PreTrainedModel.{name}")


def test_keywords_of_replacements_exist_in_some_release() -> None:
    owners = (
        "transformers.TrainingArguments", "transformers.Trainer", "trl.SFTConfig", "trl.SFTTrainer", "trl.DPOConfig"
    )  # fmt: skip
    known = {
        keyword
        for owner in owners
        for release in table.known_releases(owner.partition(".")[0])
        if (found := table.signature(owner, release)) is not None
        for keyword in found.keywords
    }
    for old, new in CONSTRUCTORS.items():
        assert old in known
        assert not new.new or new.new in known
    assert set(FROM_PRETRAINED) == {
        "load_in_8bit",
        "load_in_4bit",
        "use_auth_token",
        "use_flash_attention_2",
        "torch_dtype",
    }
