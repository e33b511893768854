"""A choice of the user's is no question for the release; nor is whether there is a GPU."""

import argparse

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--hybrid", action="store_true")
args = parser.parse_args()

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/math")
if args.hybrid:
    from transformers import HybridCache  # expect: PEFT901

    cache = HybridCache(config=model.config, max_batch_size=1, max_cache_len=16)
if torch.cuda.is_available():
    from peft import prepare_model_for_int8_training  # expect: PEFT901

    model = prepare_model_for_int8_training(model)
