# LoRA builder that copes with unknown architectures.
import logging

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

log = logging.getLogger("builder")


def with_lora(base, rank=8):
    common = dict(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, task_type="CAUSAL_LM")
    try:
        model = get_peft_model(base, LoraConfig(target_modules=["q_proj", "v_proj"], **common))
    except ValueError as err:
        log.warning("default targets do not fit (%s), trying the fused projection", err)
        model = get_peft_model(base, LoraConfig(target_modules=["query_key_value"], **common))
    return model


def main(name="EleutherAI/pythia-70m"):
    tok = AutoTokenizer.from_pretrained(name)
    tok.pad_token = tok.eos_token
    model = with_lora(AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32))
    model.print_trainable_parameters()
    ds = load_dataset("Abirate/english_quotes", split="train")
    ds = ds.map(lambda b: tok(b["quote"], truncation=True, max_length=64), batched=True, remove_columns=ds.column_names)
    trainer = Trainer(
        model=model,
        args=TrainingArguments("quotes", max_steps=200, per_device_train_batch_size=16, learning_rate=5e-4, report_to="none"),
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    trainer.train()
    model.save_pretrained("quotes/final")


if __name__ == "__main__":
    main()
