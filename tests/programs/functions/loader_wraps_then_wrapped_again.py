import logging

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, default_data_collator

log = logging.getLogger(__name__)


def load_model(model_id, adapter):
    """Base model with the adapter of the previous round."""
    model = AutoModelForCausalLM.from_pretrained(model_id, dtype=torch.bfloat16)
    model.config.use_cache = False
    log.info("loading %s", adapter)
    return PeftModel.from_pretrained(model, adapter, is_trainable=True)


def lora_settings():
    return LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")


def train(train_set, model_id="facebook/opt-1.3b", adapter="rounds/1", output="rounds/2"):
    model = load_model(model_id, adapter)
    model = get_peft_model(model, lora_settings())  # expect: PEFT103
    model.print_trainable_parameters()
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=output, learning_rate=1e-4, num_train_epochs=1),
        train_dataset=train_set,
        data_collator=default_data_collator,
    )
    trainer.train()
    model.save_pretrained(output)


if __name__ == "__main__":
    train(torch.load("train.pt", weights_only=False))
