"""What takes the place of what the libraries have dropped: written by hand, checked against the API table.

Sources: release notes of peft 0.10, 0.15, 0.19; of transformers 4.41, 4.46, 4.56, 5.0 and 5.23 (its
MIGRATION_GUIDE_V5.md); of trl 0.12, 0.20 and 0.29. Those in the fixtures of PEFT901 and PEFT902 and in
tests/upgrade were run; the others rest on the signatures of the wheels.
"""

from __future__ import annotations

from dataclasses import dataclass

from peftlint.diagnostics import Applicability

SAFE, UNSAFE, DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY


@dataclass(frozen=True)
class Name:
    """`old` is `new` now; `how` says how exactly."""

    new: str
    how: Applicability
    note: str = ""


@dataclass(frozen=True)
class Keyword:
    """A keyword of calls. `gone`: from this release on it raises (None: still taken). `value`: text of the new value, with
    `{}` for the old one; `when`: the only old value for which that is right; `if_true`: the new value where the old one is true,
    while nothing takes the place of a false one; `imports`: what the new value needs; `takes`: how other keywords of the call begin
    that go into the new value with it."""

    new: str
    how: Applicability = SAFE
    gone: str | None = None
    deprecated: str | None = None
    value: str = "{}"
    when: str = ""
    if_true: str = ""
    imports: str = ""
    takes: tuple[str, ...] = ()
    note: str = ""


#: canonical names
NAMES: dict[str, Name] = {
    "peft.prepare_model_for_int8_training": Name("peft.prepare_model_for_kbit_training", SAFE),
    "peft.BoneConfig": Name(
        "peft.MissConfig",
        DISPLAY,
        "adapters trained with BoneConfig are converted by scripts of peft's examples",
    ),
    "peft.peft_model.PEFT_TYPE_TO_MODEL_MAPPING": Name("peft.PEFT_TYPE_TO_TUNER_MAPPING", SAFE),
    "transformers.AdamW": Name("torch.optim.AdamW", DISPLAY, "its default weight_decay is 0.01, not 0"),
    "trl.DataCollatorForCompletionOnlyLM": Name(
        "", DISPLAY, "prompt-completion data sets with SFTConfig(completion_only_loss=True)"
    ),
    "trl.setup_chat_format": Name("trl.clone_chat_template", DISPLAY),
}

#: names that are deprecated: the releases that warn
DEPRECATED_NAMES: dict[str, str] = {
    "peft.prepare_model_for_int8_training": ">=0.4,<0.10",
    "peft.peft_model.PEFT_TYPE_TO_MODEL_MAPPING": ">=0.15,<0.19",
}

_FROM_PRETRAINED: dict[str, Keyword] = {
    "load_in_8bit": Keyword(
        "quantization_config",
        UNSAFE,
        gone="5.0",
        if_true="BitsAndBytesConfig(load_in_8bit=True)",
        imports="from transformers import BitsAndBytesConfig",
        takes=("bnb_4bit_", "llm_int8_"),
    ),
    "load_in_4bit": Keyword(
        "quantization_config",
        UNSAFE,
        gone="5.0",
        if_true="BitsAndBytesConfig(load_in_4bit=True)",
        imports="from transformers import BitsAndBytesConfig",
        takes=("bnb_4bit_", "llm_int8_"),
    ),
    "use_auth_token": Keyword("token", gone="5.0"),
    "use_flash_attention_2": Keyword(
        "attn_implementation", gone="4.56", value='"flash_attention_2"', when="True"
    ),
    "torch_dtype": Keyword("dtype", deprecated="4.56"),
}

#: keywords of from_pretrained of transformers' models, which takes any: read from the sources, and run
FROM_PRETRAINED = _FROM_PRETRAINED

#: keywords of constructors; that they are gone, and that the new one is there, the table says
CONSTRUCTORS: dict[str, Keyword] = {
    "evaluation_strategy": Keyword("eval_strategy"),
    "no_cuda": Keyword("use_cpu"),
    "use_mps_device": Keyword("", note="the device is found by itself"),
    "push_to_hub_token": Keyword("hub_token"),
    "tokenizer": Keyword("processing_class"),
    "max_seq_length": Keyword("max_length"),
    "warmup_ratio": Keyword("warmup_steps", DISPLAY, note="a fraction is taken for a ratio there"),
    "overwrite_output_dir": Keyword("", UNSAFE, note="it has no successor: remove it"),
    "save_safetensors": Keyword("", UNSAFE, note="safetensors are always saved: remove it"),
    "logging_dir": Keyword("", DISPLAY, note="remove it: the reporting tool chooses the folder"),
    "group_by_length": Keyword("train_sampling_strategy", DISPLAY, value='"group_by_length"', when="True"),
    # trl/trainer/dpo_trainer.py of 0.29.0 to 1.16.0: model.add_adapter("ref", model.peft_config["default"])
    "model_adapter_name": Keyword(
        "", DISPLAY, note='remove it, and name the adapter that is trained "default": no other is looked up'
    ),
    "ref_adapter_name": Keyword(
        "", DISPLAY, note='remove it: the trainer copies the adapter "default" as its reference'
    ),
}

#: (kind of receiver, method) -> (method, what follows the call, the package whose release counts, releases that warn)
METHODS: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("transformers", "active_adapter"): ("active_adapters", "[0]", "transformers", ">=4.33,<4.57"),
    ("model", "gradient_checkpointing_enable"): (
        "activation_checkpointing_enable",
        "",
        "transformers",
        ">=5.23",
    ),
}
