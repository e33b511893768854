import asyncio

from peft import PeftModel
from transformers import AutoModelForCausalLM


async def load(name):
    return await asyncio.to_thread(AutoModelForCausalLM.from_pretrained, name)


async def main():
    base, draft = await asyncio.gather(load("base"), load("draft"))
    model = PeftModel.from_pretrained(base, "adapters/a")
    model.merge_and_unload()  # expect: PEFT501
    model.save_pretrained("merged")


asyncio.run(main())
