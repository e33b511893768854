import json

import torch
from peft import PeftModel
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

set_seed(0)
BASE = "Qwen/Qwen2.5-1.5B-Instruct"
tok = AutoTokenizer.from_pretrained(BASE, padding_side="left")
base = AutoModelForCausalLM.from_pretrained(BASE, device_map="auto")

model = PeftModel.from_pretrained(base, "loras/summarize", adapter_name="summarize")
model.load_adapter("loras/translate", adapter_name="translate")  # expect: PEFT105
model.eval()

with open("articles.json") as f:
    articles = json.load(f)

results = []
for article in tqdm(articles):
    messages = [{"role": "user", "content": "Translate to French:\n" + article["text"]}]
    ids = tok.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt").to(model.device)
    with torch.no_grad():
        gen = model.generate(input_ids=ids, max_new_tokens=512)
    results.append(tok.decode(gen[0, ids.shape[1]:], skip_special_tokens=True))

with open("translated.json", "w") as f:
    json.dump(results, f, ensure_ascii=False, indent=2)
