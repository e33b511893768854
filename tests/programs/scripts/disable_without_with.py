import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

path = "runs/2024-05-03/adapter"
model = AutoPeftModelForCausalLM.from_pretrained(path, device_map="auto")
tokenizer = AutoTokenizer.from_pretrained(path)
model.eval()

prompts = [line.strip() for line in open("prompts.txt") if line.strip()]


def complete(prompt):
    ids = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return tokenizer.decode(model.generate(**ids, max_new_tokens=80)[0], skip_special_tokens=True)


tuned = [complete(p) for p in prompts]
model.disable_adapter()  # expect: PEFT305
original = [complete(p) for p in prompts]

with open("side_by_side.tsv", "w") as out:
    for prompt, a, b in zip(prompts, original, tuned):
        out.write(f"{prompt}\t{a!r}\t{b!r}\n")
