"""Defaults of fields say nothing where a file or the environment may give another value."""
import json
from dataclasses import dataclass, field

from peft import LoraConfig, PeftModel, get_peft_model
from pydantic_settings import BaseSettings
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


@dataclass
class Options:
    base: str = "gpt2"
    adapter: str = "adapters/stage1"
    trainable: bool = False
    targets: list = field(default_factory=list)
    heads: list = field(default_factory=lambda: ["lm_head"])


class Settings(BaseSettings):
    adapter: str = "adapters/stage1"
    trainable: bool = False


def from_file(path):
    options = Options(**json.load(open(path)))
    base = AutoModelForCausalLM.from_pretrained(options.base)
    return PeftModel.from_pretrained(base, options.adapter, is_trainable=options.trainable)


def from_environment():
    settings = Settings()
    base = AutoModelForCausalLM.from_pretrained("gpt2")
    return PeftModel.from_pretrained(base, settings.adapter, is_trainable=settings.trainable)


def fresh():
    options = Options(targets=["c_attn"])
    config = LoraConfig(target_modules=options.targets, modules_to_save=options.heads, task_type="CAUSAL_LM")
    return get_peft_model(AutoModelForCausalLM.from_pretrained(options.base), config)


for model in (from_file("options.json"), from_environment(), fresh()):
    Trainer(model=model, args=TrainingArguments("out")).train()
