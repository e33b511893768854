"""The library lies in this repository, changed: what it has and takes is not what the releases say."""
import os
import sys

import torch
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

sys.path.append(os.path.join(os.getcwd(), "peft/src/"))
from peft import (  # noqa: E402
    BottleneckConfig,
    LoraConfig,
    get_peft_model,
    get_peft_model_state_dict,
    prepare_model_for_int8_training,
    set_peft_model_state_dict,
)


def train(base_model, dataset, output_dir, adapter="lora", weights=None):
    model = AutoModelForCausalLM.from_pretrained(base_model, device_map="auto")
    model = prepare_model_for_int8_training(model, use_gradient_checkpointing=True)
    if adapter == "lora":
        config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], enable_lora=None, task_type="CAUSAL_LM")
    else:
        config = BottleneckConfig(bottleneck_size=64, task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    if weights:
        model = set_peft_model_state_dict(model, torch.load(weights))
    model.print_trainable_parameters()
    trainer = Trainer(model=model, train_dataset=dataset, args=TrainingArguments(output_dir=output_dir))
    old_state_dict = model.state_dict
    model.state_dict = (
        lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())
    ).__get__(model, type(model))
    trainer.train()
    model.save_pretrained(output_dir)
