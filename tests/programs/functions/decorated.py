import functools
import time

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer


def timed(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        start = time.time()
        try:
            return fn(*args, **kwargs)
        finally:
            print(fn.__name__, time.time() - start)

    return inner


@timed
def build(name):
    config = LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM")
    return get_peft_model(AutoModelForCausalLM.from_pretrained(name), config), config


@timed
def train(name, data):
    model, config = build(name)
    trainer = SFTTrainer(model=model, args=SFTConfig("out"), train_dataset=data, peft_config=config)  # expect: PEFT405
    trainer.train()
    return trainer
