# Domain-adaptive pretraining with LoRA plus a trainable output head.
from itertools import chain

from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, default_data_collator

BLOCK = 1024
tok = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-3B")


def group(examples):
    joined = {k: list(chain(*examples[k])) for k in examples}
    total = (len(joined["input_ids"]) // BLOCK) * BLOCK
    out = {k: [v[i:i + BLOCK] for i in range(0, total, BLOCK)] for k, v in joined.items()}
    out["labels"] = out["input_ids"].copy()
    return out


config = LoraConfig(r=64, lora_alpha=128, target_modules="all-linear", exclude_modules=["lm_head"], modules_to_save="lm_head", task_type="CAUSAL_LM")  # expect: PEFT207
model = get_peft_model(model, config)
model.print_trainable_parameters()

raw = load_dataset("text", data_files={"train": "legal/*.txt"}, split="train")
ds = raw.map(lambda b: tok(b["text"]), batched=True, remove_columns=["text"]).map(group, batched=True)

trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir="legal-llama",
        per_device_train_batch_size=1,
        gradient_accumulation_steps=16,
        learning_rate=5e-5,
        num_train_epochs=1,
        bf16=True,
        save_steps=500,
    ),
    train_dataset=ds,
    data_collator=default_data_collator,
)
trainer.train()
trainer.save_model()
