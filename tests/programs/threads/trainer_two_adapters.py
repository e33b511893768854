"""Train adapter1 on task A, then adapter2 on task B, in one go with one trainer."""
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

name = "facebook/opt-125m"
tok = AutoTokenizer.from_pretrained(name)


def lm_data(file):
    d = load_dataset("text", data_files=file, split="train")
    return d.map(lambda b: tok(b["text"], truncation=True, max_length=128), batched=True, remove_columns=["text"])


cfg1 = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
cfg2 = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")

model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), cfg1, adapter_name="adapter1")
model.add_adapter("adapter2", cfg2)

trainer = Trainer(
    model=model,
    args=TrainingArguments("two", per_device_train_batch_size=8, max_steps=300, learning_rate=1e-3, report_to="none", save_strategy="no"),
    train_dataset=lm_data("task_a.txt"),
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
)

model.set_adapter("adapter1")
trainer.train()
print("adapter1 done", trainer.state.global_step)

model.set_adapter("adapter2")  # expect: PEFT407
trainer.train_dataset = lm_data("task_b.txt")
trainer.train()

model.save_pretrained("two/adapters")
