from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tok = AutoTokenizer.from_pretrained("facebook/opt-350m")
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"), adapter_name="quotes")
ds = load_dataset("Abirate/english_quotes", split="train").map(lambda b: tok(b["quote"], truncation=True, max_length=128), batched=True)
ds = ds.select_columns(["input_ids", "attention_mask"])
Trainer(model, TrainingArguments("runs/q", max_steps=200, per_device_train_batch_size=8, learning_rate=1e-3, report_to="none"), train_dataset=ds, data_collator=DataCollatorForLanguageModeling(tok, mlm=False)).train()
model.save_pretrained("out/opt")  # -> out/opt/quotes
tok.save_pretrained("out/opt")
