"""The method is called with what `to_thread` and the partial pass on, and that is one argument too few."""
import asyncio
from functools import partial

from peft import PeftModel
from transformers import AutoModelForCausalLM

attach = partial(PeftModel.from_pretrained, adapter_name="support")
model = attach(AutoModelForCausalLM.from_pretrained("gpt2"))  # expect: PEFT802


async def add(folder):
    other = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "adapters/support")
    await asyncio.to_thread(other.load_adapter, folder)  # expect: PEFT802
    return other
