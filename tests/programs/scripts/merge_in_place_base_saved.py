"""The merge is in place, so the base variable is the merged model."""
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
before = base_model.model.layers[0].self_attn.q_proj.weight.clone()

lora_model = PeftModel.from_pretrained(base_model, LORA)
lora_model.merge_and_unload()

after = base_model.model.layers[0].self_attn.q_proj.weight
assert not torch.equal(before, after), "the adapter changed nothing"

base_model.save_pretrained(OUT)
AutoTokenizer.from_pretrained(BASE_MODEL).save_pretrained(OUT)
