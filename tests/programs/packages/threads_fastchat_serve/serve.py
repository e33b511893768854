import argparse
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, StoppingCriteria, StoppingCriteriaList

from conv import to_prompt


class StopOn(StoppingCriteria):
    def __init__(self, ids):
        self.ids = ids

    def __call__(self, input_ids, scores, **kw):
        return input_ids[0, -1].item() in self.ids


ap = argparse.ArgumentParser()
ap.add_argument("--model-path", default="lmsys/vicuna-7b-v1.5")
ap.add_argument("--lora", required=True)
ns = ap.parse_args()

tok = AutoTokenizer.from_pretrained(ns.model_path, use_fast=False)
model = AutoModelForCausalLM.from_pretrained(ns.model_path, torch_dtype=torch.float16, device_map="auto")
model = PeftModel.from_pretrained(model, ns.lora)
model.eval()
history = []
for line in sys.stdin:
    history.append(("USER", line.strip()))
    input_ids = tok(to_prompt(history), return_tensors="pt").input_ids.to(model.device)
    with torch.inference_mode():
        out = model.generate(input_ids, max_new_tokens=512, do_sample=True, temperature=0.7, stopping_criteria=StoppingCriteriaList([StopOn({tok.eos_token_id})]))  # expect: PEFT903
    text = tok.decode(out[0, input_ids.shape[1]:], skip_special_tokens=True)
    history.append(("ASSISTANT", text))
    print(text, flush=True)
