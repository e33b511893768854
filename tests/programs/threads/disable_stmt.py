"""A/B page for annotators: answer 1 = finetuned, answer 2 = raw model, random order."""
import json
import random

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer, GenerationConfig

CKPT = "outputs/zephyr-support/checkpoint-1200"
model = AutoPeftModelForCausalLM.from_pretrained(CKPT, torch_dtype=torch.float16, device_map="auto")
tokenizer = AutoTokenizer.from_pretrained(CKPT)
gen_cfg = GenerationConfig(max_new_tokens=256, do_sample=False, pad_token_id=tokenizer.eos_token_id)

SYSTEM = "You are the support assistant of a bicycle shop."


def answer(q):
    prompt = f"<|system|>\n{SYSTEM}</s>\n<|user|>\n{q}</s>\n<|assistant|>\n"
    inp = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        o = model.generate(**inp, generation_config=gen_cfg)
    return tokenizer.decode(o[0, inp.input_ids.shape[1]:], skip_special_tokens=True).strip()


items = []
questions = [l.strip() for l in open("questions.txt", encoding="utf-8") if l.strip()]
tuned = [answer(q) for q in questions]

# now without lora
model.disable_adapter()  # expect: PEFT305
raw = [answer(q) for q in questions]

for q, t, r in zip(questions, tuned, raw):
    pair = [("lora", t), ("base", r)]
    random.shuffle(pair)
    items.append({"q": q, "a": pair[0][1], "b": pair[1][1], "key": [pair[0][0], pair[1][0]]})

with open("ab.jsonl", "w", encoding="utf-8") as f:
    for it in items:
        f.write(json.dumps(it, ensure_ascii=False) + "\n")
print("wrote", len(items))
