import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE_MODEL = "tiiuae/falcon-7b"
LORA = "results/checkpoint-900"
OUT = "results/merged"

print("Loading base model ...")
base_model = AutoModelForCausalLM.from_pretrained(
    BASE_MODEL,
    dtype=torch.bfloat16,
    device_map={"": "cpu"},
)
print("Loading adapter ...")
model = PeftModel.from_pretrained(base_model, LORA)

print("Merging ...")
model.merge_and_unload()  # expect: PEFT501
model.save_pretrained(OUT)

tokenizer = AutoTokenizer.from_pretrained(BASE_MODEL)
tokenizer.save_pretrained(OUT)
print(f"Saved to {OUT}")
