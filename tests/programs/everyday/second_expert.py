# Answer medical and legal questions with two LoRA experts on one Mistral.
import os
import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

BASE = "mistralai/Mistral-7B-v0.1"
MED_DIR = os.environ.get("MED_LORA", "./lora/medical")
LAW_DIR = os.environ.get("LAW_LORA", "./lora/legal")

bnb = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_compute_dtype=torch.bfloat16,
)
tok = AutoTokenizer.from_pretrained(BASE)
tok.pad_token = tok.eos_token

base = AutoModelForCausalLM.from_pretrained(BASE, quantization_config=bnb, device_map={"": 0})
model = PeftModel.from_pretrained(base, MED_DIR, adapter_name="medical")

# second expert
law_cfg = PeftConfig.from_pretrained(LAW_DIR)
model.add_adapter("legal", law_cfg)  # expect: PEFT101
model.eval()


def ask(question, expert):
    model.set_adapter(expert)
    prompt = f"### Question:\n{question}\n\n### Answer:\n"
    batch = tok(prompt, return_tensors="pt").to("cuda:0")
    with torch.no_grad():
        out = model.generate(**batch, max_new_tokens=200, pad_token_id=tok.eos_token_id)
    return tok.decode(out[0], skip_special_tokens=True).split("### Answer:\n")[-1]


questions = [
    ("medical", "What are first-line treatments for hypertension?"),
    ("legal", "What is promissory estoppel?"),
]
for expert, q in questions:
    print("=" * 60)
    print(expert.upper(), "|", q)
    print(ask(q, expert))
