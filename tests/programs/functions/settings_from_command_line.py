"""A dataclass of defaults that the command line changes by name: what the defaults exclude may well happen."""
from dataclasses import dataclass

import fire
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


@dataclass
class TrainConfig:
    model_name: str = "base"
    use_peft: bool = False
    from_checkpoint: str = ""
    lr: float = 1e-4


def update(config, **kwargs):
    for key, value in kwargs.items():
        if hasattr(config, key):
            setattr(config, key, value)


def main(dataset, **kwargs):
    config = TrainConfig()
    update(config, **kwargs)
    model = AutoModelForCausalLM.from_pretrained(config.model_name)
    if config.use_peft:
        if config.from_checkpoint:
            model = PeftModel.from_pretrained(model, config.from_checkpoint)  # expect: PEFT401
        else:
            model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM"))
        model.print_trainable_parameters()
    trainer = Trainer(model=model, args=TrainingArguments("out", learning_rate=config.lr), train_dataset=dataset)
    trainer.train()
    model.save_pretrained("out")


if __name__ == "__main__":
    fire.Fire(main)
