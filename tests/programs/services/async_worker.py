"""A worker that takes jobs from a queue and keeps the key-value cache of the running dialogue."""
import asyncio

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache


class Worker:
    def __init__(self, base_id, adapters):
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        names = sorted(adapters)
        self.model = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base_id), adapters[names[0]], adapter_name=names[0]
        )
        for name in names[1:]:
            self.model.load_adapter(adapters[name], adapter_name=name)
        self.model.eval()
        self.caches = {name: DynamicCache() for name in names}
        self.jobs = asyncio.Queue()

    async def run(self):
        while True:
            name, text, reply = await self.jobs.get()
            try:
                reply.set_result(await asyncio.to_thread(self.step, name, text))
            except Exception as error:
                reply.set_exception(error)
            finally:
                self.jobs.task_done()

    @torch.no_grad()
    def step(self, name, text):
        self.model.set_adapter(name)
        ids = self.tokenizer(text, return_tensors="pt").input_ids
        out = self.model(ids, past_key_values=self.caches[name], use_cache=True)
        return self.tokenizer.decode(out.logits[0, -1].argmax())


async def main():
    worker = Worker("gpt2", {"a": "out/a", "b": "out/b"})
    task = asyncio.create_task(worker.run())
    loop = asyncio.get_running_loop()
    for name in ("a", "b", "a"):
        reply = loop.create_future()
        await worker.jobs.put((name, "Hello", reply))
        print(name, await reply)
    task.cancel()


asyncio.run(main())
