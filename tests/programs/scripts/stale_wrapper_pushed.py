import os

import torch
from huggingface_hub import login
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

login(token=os.environ["HF_TOKEN"])
output_dir = "llama-2-7b-dolly"
repo = "someone/llama-2-7b-dolly-merged"

peft_model = AutoPeftModelForCausalLM.from_pretrained(
    output_dir,
    low_cpu_mem_usage=True,
    device_map="auto",
)

merged_model = peft_model.merge_and_unload()
tokenizer = AutoTokenizer.from_pretrained(output_dir)

with torch.no_grad():
    probe = tokenizer("Below is an instruction.", return_tensors="pt").to(merged_model.device)
    print(tokenizer.decode(merged_model.generate(**probe, max_new_tokens=20)[0]))

tokenizer.push_to_hub(repo)
peft_model.push_to_hub(repo)  # expect: PEFT502
