"""The event loop and a pool make the calls: what they are given are not the method's own arguments."""
import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
attach = partial(PeftModel.from_pretrained, AutoModelForCausalLM.from_pretrained("gpt2"), adapter_name="support")
model = attach("adapters/support")
model.load_adapter("adapters/sales", adapter_name="sales")
pool = ThreadPoolExecutor(max_workers=1)
lock = asyncio.Lock()


async def answer(text, name):
    inputs = tokenizer(text, return_tensors="pt")
    async with lock:
        await asyncio.to_thread(model.set_adapter, name)
        with torch.inference_mode():
            output = await asyncio.to_thread(model.generate, **inputs, max_new_tokens=32)
    return tokenizer.decode(output[0], skip_special_tokens=True)


async def forget(name):
    loop = asyncio.get_running_loop()
    async with lock:
        await loop.run_in_executor(pool, model.delete_adapter, name)


def forget_now(name):
    pool.submit(model.delete_adapter, name).result()
