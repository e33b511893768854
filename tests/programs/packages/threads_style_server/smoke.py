# quick smoke test of the adapter cache before deploying
import torch
from transformers import AutoTokenizer

from loras import LRU, build

tok = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
model = build("mistralai/Mistral-7B-v0.1", "styles/neutral")
model.load_adapter("styles/formal", adapter_name="formal")
model.load_adapter("styles/slang", adapter_name="slang")


def gen(s):
    e = tok(s, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return tok.decode(model.generate(**e, max_new_tokens=30, do_sample=False)[0])


for style in ["formal", "slang"]:
    model.set_adapter(style)
    print(style, gen("Dear Sir,"))

print("freeing slang")
model.set_adapter("neutral")
model.delete_adapter("slang")
torch.cuda.empty_cache()
print("neutral", gen("Dear Sir,"))

model.set_adapter("formal")
print("formal", gen("Dear Sir,"))
model.set_adapter("slang")  # expect: PEFT309
print("slang again", gen("Dear Sir,"))

cache = LRU(model, n=2)
cache.use("poem", "styles/poem")
print("poem", gen("Dear Sir,"))
