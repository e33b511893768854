import argparse

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import shared
from lora_manager import LoraManager

ap = argparse.ArgumentParser()
ap.add_argument("--model", default="openlm-research/open_llama_3b_v2")
ap.add_argument("--lora", default="loras/alpaca")
opts = ap.parse_args()

shared.tokenizer = AutoTokenizer.from_pretrained(opts.model)
shared.model = LoraManager(AutoModelForCausalLM.from_pretrained(opts.model, torch_dtype=torch.float16, device_map="auto"))


def chat(txt):
    ids = shared.tokenizer(txt, return_tensors="pt").input_ids.cuda()
    out = shared.model.generate(ids, max_new_tokens=120, do_sample=False)
    return shared.tokenizer.decode(out[0], skip_special_tokens=True)


shared.model.load(opts.lora)
print("with lora   :", chat("Tell me about alpacas."))
shared.model.unload()
print("without lora:", chat("Tell me about alpacas."))
