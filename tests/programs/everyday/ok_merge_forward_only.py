# Serve merged weights for faster generation.
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("runs/bot", dtype=torch.float16, device_map="cuda")
tokenizer = AutoTokenizer.from_pretrained("runs/bot")
model.merge_and_unload()
model.eval()

while True:
    try:
        line = input("> ")
    except EOFError:
        break
    enc = tokenizer(line, return_tensors="pt").to("cuda")
    with torch.inference_mode():
        out = model.generate(**enc, max_new_tokens=128, do_sample=True, top_p=0.9)
    print(tokenizer.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True))
