"""Public changes of the libraries: silent (or advised otherwise) for the release before, reported for the one after.

Each change was read from the wheels on both sides; docs/api-changes.md names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.version import Version

from peftlint.linter import check_source
from peftlint.rules.upgrade.replacements import (
    CONSTRUCTORS,
    DEPRECATED_NAMES,
    FROM_PRETRAINED,
    METHODS,
    NAMES,
)
from peftlint.semantics.api import table
from peftlint.semantics.api.releases import tabled_releases
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


class Change(NamedTuple):
    """A program that is right with one release of the package and wrong with the next, and what proves it."""

    package: str
    right: str
    wrong: str
    code: str
    what: str
    #: in the wheels of both releases
    proof: str
    program: str


TRAINING = MODEL + "from transformers import Trainer, TrainingArguments\n"
CHANGES = [
    Change("peft", "0.9.0", "0.10.0", "PEFT901", "`prepare_model_for_int8_training` is gone",
           "utils/other.py defines it no more", "from peft import prepare_model_for_int8_training\n"),
    Change("peft", "0.18.1", "0.19.0", "PEFT901", "`BoneConfig` is gone",
           "tuners/bone/ is no more", "from peft import BoneConfig\n"),
    Change("peft", "0.17.0", "0.16.0", "PEFT901", "`MissConfig` came",
           "tuners/miss/config.py is new", "from peft import MissConfig\n"),
    Change("peft", "0.7.0", "0.6.2", "PEFT901", "`PeftMixedModel` came",
           "mixed_model.py is new", "from peft import PeftMixedModel\n"),
    Change("peft", "0.19.0", "0.18.1", "PEFT802", "`PeftModel.set_adapter(inference_mode=)` came",
           "peft_model.py: the parameter is new", PEFT + 'model.set_adapter("a", inference_mode=True)\n'),
    Change("peft", "0.9.0", "0.8.2", "PEFT211", "`LoraConfig(use_dora=)` came",
           "tuners/lora/config.py: the field is new", MODEL + "LoraConfig(use_dora=True)\n"),
    Change("peft", "0.8.0", "0.7.1", "PEFT211", "`LoraConfig(use_rslora=)` came",
           "tuners/lora/config.py: the field is new", MODEL + "LoraConfig(use_rslora=True)\n"),
    Change("peft", "0.15.0", "0.14.0", "PEFT211", "`LoraConfig(trainable_token_indices=)` came",
           "tuners/lora/config.py: the field is new", MODEL + "LoraConfig(trainable_token_indices=[1])\n"),
    Change("peft", "0.8.2", "0.8.1", "PEFT903", "`PeftModelForCausalLM.generate` takes positional arguments",
           "peft_model.py: `generate(self, **kwargs)` became `generate(self, *args, **kwargs)`",
           PEFT + "model.generate(ids)\n"),
    Change("peft", "0.10.0", "0.9.0", "PEFT804", "`adapter_names=` of forward came",
           "tuners/lora/layer.py: `_check_forward_args` is new",
           PEFT + 'model(input_ids=ids, adapter_names=["a"])\n'),
    Change("transformers", "4.57.6", "5.0.0", "PEFT901", "`Trainer(tokenizer=)` is gone",
           'trainer.py: `@deprecate_kwarg("tokenizer", ...)` is no more', TRAINING + "Trainer(model=base, tokenizer=t)\n"),
    Change("transformers", "4.50.3", "4.51.3", "PEFT901", "`TrainingArguments(evaluation_strategy=)` is gone",
           "training_args.py: the field is no more", TRAINING + 'TrainingArguments("o", evaluation_strategy="no")\n'),
    Change("transformers", "4.57.6", "5.0.0", "PEFT901", "`from_pretrained(load_in_8bit=)` is gone",
           "modeling_utils.py mentions it no more",
           MODEL + 'AutoModelForCausalLM.from_pretrained("b", load_in_8bit=True)\n'),
    Change("transformers", "4.56.2", "4.57.6", "PEFT901", "`active_adapter()` of models is gone",
           "integrations/peft.py: `active_adapters` alone is left", MIXIN + "print(base.active_adapter())\n"),
    Change("transformers", "4.49.0", "4.50.3", "PEFT901", "`transformers.AdamW` is gone",
           "optimization.py defines it no more", MODEL + "from transformers import AdamW\n"),
    Change("diffusers", "0.30.0", "0.29.2", "PEFT802", "`fuse_lora(components=)` came",
           "loaders/lora_base.py is new, with it", PIPE + 'pipe.fuse_lora(components=["unet"])\n'),
    Change("diffusers", "0.29.2", "0.30.0", "PEFT902", "`fuse_lora(fuse_unet=)` is deprecated",
           "loaders/lora.py had the parameter, loaders/lora_base.py warns of it", PIPE + "pipe.fuse_lora(fuse_unet=True)\n"),
    Change("diffusers", "0.30.0", "0.29.2", "PEFT901", "`FluxPipeline` came",
           "`__init__.py` exports it", PIPE + "from diffusers import FluxPipeline\n"),
    Change("trl", "0.19.1", "0.20.0", "PEFT901", "`DataCollatorForCompletionOnlyLM` is gone",
           "trainer/utils.py defines it no more", MODEL + "from trl import DataCollatorForCompletionOnlyLM\n"),
    Change("trl", "0.28.0", "0.29.0", "PEFT901", "`DPOConfig(model_adapter_name=, ref_adapter_name=)` are gone",
           "trainer/dpo_config.py: the fields are no more",
           MODEL + 'from trl import DPOConfig\nDPOConfig("o", model_adapter_name="a")\n'),
    Change("trl", "0.15.2", "0.16.0", "PEFT901", "`SFTTrainer(tokenizer=)` is gone",
           "trainer/sft_trainer.py: `@deprecate_kwarg` is no more",
           MODEL + "from trl import SFTTrainer\nSFTTrainer(base, tokenizer=t)\n"),
]  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "api-changes.md"


def page() -> str:
    """docs/api-changes.md: `python -m tests.releases.test_changes` writes it."""
    rows = (f"| {c.package} | {c.what} | {c.right} | {c.wrong} | {c.code} | {c.proof} |\n" for c in CHANGES)
    return (
        "# What changed between releases\n\nSome public changes of the libraries that programs with adapters meet. "
        "Each was read in the wheels of both\nreleases; tests/releases/test_changes.py holds a program that peftlint "
        "leaves alone for the release where it is\nright, and flags for the one where it is not. What the linter knows "
        "beyond these is in its table of every release\n(`python -m tools.api_table`).\n\n"
        "| package | change | right with | wrong with | found as | proof |\n|---|---|---|---|---|---|\n"
        + "".join(rows)
    )


def test_page_names_the_changes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.releases.test_changes"


def test_there_is_no_release_between() -> None:
    """The two releases follow each other, as far as the table holds them."""
    for change in CHANGES:
        first, second = sorted((change.right, change.wrong), key=Version)
        known = table.known_releases(change.package)
        between = known[known.index(first) + 1 : known.index(second)]
        read = [r for r in tabled_releases(change.package) if r in between]
        assert read == [], change


def codes(program: str, package: str, release: str, code: str) -> set[str]:
    settings = Settings(select=(code,), targets={package: f"=={release}"})
    return {found.code for found in check_source(program.encode(), "program.py", settings)}


@pytest.mark.parametrize("change", CHANGES, ids=[change.what for change in CHANGES])
def test_change(change: Change) -> None:
    assert codes(change.program, change.package, change.right, change.code) == set()
    assert codes(change.program, change.package, change.wrong, change.code) == {change.code}


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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
