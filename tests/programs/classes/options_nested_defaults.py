"""What the nested options hold by default is used as it is."""
from dataclasses import dataclass, field

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments


@dataclass
class LoraOptions:
    rank: int = 8
    targets: list = field(default_factory=lambda: ["query", "value"])
    save: str = "classifier"


@dataclass
class Options:
    base: str = "roberta-base"
    first: str = field(default="adapters/stage1")
    trainable: bool = field(default=False, metadata={"help": "go on with the adapter"})
    lora: LoraOptions = field(default_factory=LoraOptions)


def build(options):
    base = AutoModelForSequenceClassification.from_pretrained(options.base)
    lora = options.lora
    config = LoraConfig(
        r=lora.rank,
        target_modules=lora.targets,
        modules_to_save=lora.save,  # expect: PEFT207
        task_type="SEQ_CLS",
    )
    return get_peft_model(base, config)


def go_on(options):
    base = AutoModelForSequenceClassification.from_pretrained(options.base)
    return PeftModel.from_pretrained(base, options.first, is_trainable=options.trainable)  # expect: PEFT401


build(Options()).print_trainable_parameters()
Trainer(model=go_on(Options()), args=TrainingArguments("out")).train()
