"""Generate with the fine-tuned model."""
import sys

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

base_model = "EleutherAI/pythia-1.4b"
adapter_dir = sys.argv[1] if len(sys.argv) > 1 else "outputs/final"

tokenizer = AutoTokenizer.from_pretrained(base_model)
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token

model = AutoModelForCausalLM.from_pretrained(base_model, dtype=torch.float16, device_map="auto")

# same settings as in train.py
lora_config = LoraConfig(
    r=16,
    lora_alpha=32,
    target_modules=["query_key_value"],
    bias="none",
    task_type=TaskType.CAUSAL_LM,
)
model = get_peft_model(model, lora_config)
model = PeftModel.from_pretrained(model, adapter_dir)  # expect: PEFT103
model.eval()

questions = open("questions.txt", encoding="utf-8").read().splitlines()
with open("answers.txt", "w", encoding="utf-8") as out:
    for question in questions:
        batch = tokenizer(question, return_tensors="pt").to(model.device)
        with torch.inference_mode():
            tokens = model.generate(**batch, max_new_tokens=128, do_sample=False)
        out.write(tokenizer.decode(tokens[0], skip_special_tokens=True) + "\n")
