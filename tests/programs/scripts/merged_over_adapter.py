import os
import sys

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

output_dir = os.path.join("experiments", sys.argv[1])
config = PeftConfig.from_pretrained(output_dir)
base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, output_dir)
model = model.merge_and_unload()
model.save_pretrained(output_dir)  # expect: PEFT505
AutoTokenizer.from_pretrained(config.base_model_name_or_path).save_pretrained(output_dir)
print("merged model is in", output_dir)
