import asyncio

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/plan", adapter_name="plan")
model.load_adapter("out/act", adapter_name="act")
model.eval()


async def think(text):
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        out = await asyncio.to_thread(model, ids, use_cache=True)
    return out.past_key_values


async def act(cache, text):
    model.set_adapter("act")
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        out = model(ids, past_key_values=cache)  # expect: PEFT301
    return tokenizer.decode(out.logits[0, -1].argmax())


async def main():
    cache = await think("Goal: open the door. Plan:")
    print(await act(cache, " First,"))


if __name__ == "__main__":
    asyncio.run(main())
