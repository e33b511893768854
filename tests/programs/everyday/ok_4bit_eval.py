# Evaluate a quantised model on a validation set.
import torch
from datasets import load_from_disk
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

name = "meta-llama/Llama-3.1-8B"
tok = AutoTokenizer.from_pretrained(name)
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained(
    name,
    quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16),
    device_map="auto",
)
model.load_adapter("adapters/llama-news")

trainer = Trainer(
    model=model,
    args=TrainingArguments("eval", per_device_eval_batch_size=4, bf16_full_eval=False, report_to="none"),
    eval_dataset=load_from_disk("tok/val"),
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
)
print(trainer.evaluate())
