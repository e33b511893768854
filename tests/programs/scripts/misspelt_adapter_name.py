import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_ID = "google/gemma-2b"
tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
base = AutoModelForCausalLM.from_pretrained(MODEL_ID, dtype=torch.bfloat16)

model = PeftModel.from_pretrained(base, "adapters/medical", adapter_name="medical")
_ = model.load_adapter("adapters/legal", adapter_name="legal")

cases = [
    ("medical", "The patient complains of chest pain."),
    ("legal", "The tenant did not pay the rent."),
]
for domain, text in cases:
    model.set_adapter(domain)
    ids = tokenizer(text, return_tensors="pt")
    print(domain, tokenizer.decode(model.generate(**ids, max_new_tokens=50)[0]))

# and the legal one once more, with sampling
model.set_adapter("leagl")  # expect: PEFT106
ids = tokenizer(cases[1][1], return_tensors="pt")
print(tokenizer.decode(model.generate(**ids, do_sample=True, max_new_tokens=50)[0]))
model.delete_adapter("medical")
