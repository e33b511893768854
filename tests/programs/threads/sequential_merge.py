# daily-talk lora + domain lora + style lora: bake all of them in, one after the other
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base, out, *peft_model_ids = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(base, torch_dtype=torch.float16, low_cpu_mem_usage=True)
probe = AutoTokenizer.from_pretrained(base)("你好", return_tensors="pt")


@torch.no_grad()
def fingerprint(m):
    return m(**probe).logits[0, -1].float().norm().item()


print("base", fingerprint(model))
for peft_model_id in peft_model_ids:
    model = PeftModel.from_pretrained(model, peft_model_id)
    model = model.merge_and_unload()
    print(peft_model_id, fingerprint(model))

model.save_pretrained(out)
AutoTokenizer.from_pretrained(base).save_pretrained(out)
