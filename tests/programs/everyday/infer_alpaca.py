# Inference with an Alpaca-style LoRA; the config is repeated from the training script.
import sys

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import LlamaForCausalLM, LlamaTokenizer

base_model = "huggyllama/llama-7b"
lora_weights = sys.argv[1] if len(sys.argv) > 1 else "./lora-alpaca"

tokenizer = LlamaTokenizer.from_pretrained(base_model)
model = LlamaForCausalLM.from_pretrained(base_model, dtype=torch.float16, device_map="auto")

# same as in finetune.py
config = LoraConfig(
    r=8,
    lora_alpha=16,
    target_modules=["q_proj", "v_proj"],
    lora_dropout=0.05,
    bias="none",
    task_type=TaskType.CAUSAL_LM,
)
model = get_peft_model(model, config)
model = PeftModel.from_pretrained(model, lora_weights)  # expect: PEFT103
model.eval()


def generate_prompt(instruction, inp=None):
    if inp:
        return f"### Instruction:\n{instruction}\n\n### Input:\n{inp}\n\n### Response:\n"
    return f"### Instruction:\n{instruction}\n\n### Response:\n"


def evaluate(instruction, inp=None, max_new_tokens=128):
    inputs = tokenizer(generate_prompt(instruction, inp), return_tensors="pt").to(model.device)
    with torch.no_grad():
        out = model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=max_new_tokens,
            num_beams=4,
        )
    return tokenizer.decode(out[0]).split("### Response:")[1].strip()


for instruction in [
    "Tell me about alpacas.",
    "List all Canadian provinces in alphabetical order.",
]:
    print("Instruction:", instruction)
    print("Response:", evaluate(instruction))
    print()
