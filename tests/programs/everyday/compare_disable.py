# Show what the adapter contributes: answers with and without it.
import logging
import sys

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")

PATH = sys.argv[1]
model = AutoPeftModelForCausalLM.from_pretrained(PATH, dtype=torch.bfloat16, device_map="auto")
tok = AutoTokenizer.from_pretrained(model.peft_config["default"].base_model_name_or_path)
model.eval()


def nll(text):
    enc = tok(text, return_tensors="pt").to(model.device)
    with torch.no_grad():
        return model(**enc, labels=enc["input_ids"]).loss.item()


samples = [
    "The mitochondria is the powerhouse of the cell.",
    "In the event of default, the lender may accelerate the loan.",
    "SELECT name FROM users WHERE age > 30;",
]

with_adapter = [nll(s) for s in samples]

model.disable_adapter()  # expect: PEFT305
without_adapter = [nll(s) for s in samples]

for s, a, b in zip(samples, with_adapter, without_adapter):
    logging.info("%-70s lora %.3f  base %.3f  gain %.3f", s, a, b, b - a)
