import sys

from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

model_name = "microsoft/phi-1_5"
resume = sys.argv[1] if len(sys.argv) > 1 else None
tokenizer = AutoTokenizer.from_pretrained(model_name)
model = AutoModelForCausalLM.from_pretrained(model_name)
if resume:
    model = PeftModel.from_pretrained(model, resume, is_trainable=True)

peft_config = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.05, bias="none", task_type="CAUSAL_LM")
trainer = SFTTrainer(
    model=model,
    train_dataset=load_dataset("json", data_files="train.jsonl", split="train"),
    peft_config=None if isinstance(model, PeftModel) else peft_config,
    processing_class=tokenizer,
    args=SFTConfig(output_dir="phi", per_device_train_batch_size=2),
)
trainer.train()
trainer.save_model("phi/final")

# a second stage on top of the merged first one
merged = trainer.model.merge_and_unload()
second = SFTTrainer(
    model=merged,
    train_dataset=load_dataset("json", data_files="second.jsonl", split="train"),
    peft_config=peft_config,
    processing_class=tokenizer,
    args=SFTConfig(output_dir="phi-second"),
)
second.train()
