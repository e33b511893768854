# Answer a list of questions with an adapter that was saved without its config.
import json

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "Qwen/Qwen2.5-1.5B"
tokenizer = AutoTokenizer.from_pretrained(name)
base = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16, device_map="cuda")
base.eval()

config = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.1, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config)  # expect: PEFT409
result = set_peft_model_state_dict(model, load_file("weights/adapter_model.safetensors"))
assert not result.unexpected_keys

answers = []
with open("questions.txt") as fh, torch.no_grad():
    for q in fh:
        enc = tokenizer(f"Question: {q.strip()}\nAnswer:", return_tensors="pt").to("cuda")
        out = model.generate(**enc, max_new_tokens=64, do_sample=False)
        answers.append(tokenizer.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True))

with open("answers.json", "w") as fh:
    json.dump(answers, fh, indent=2)
