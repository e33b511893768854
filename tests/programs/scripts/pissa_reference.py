"""Train a PiSSA adapter and look at the drift from the base model."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")
config = LoraConfig(r=16, lora_alpha=16, target_modules=["c_attn"], init_lora_weights="pissa", task_type="CAUSAL_LM")
model = get_peft_model(model, config)

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-5)
for line in open("train.txt"):
    ids = tokenizer(line, return_tensors="pt").input_ids
    model(ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/pissa")

model.eval()
probe = tokenizer("The capital of France is", return_tensors="pt")
with torch.no_grad():
    tuned = model(**probe).logits
    with model.disable_adapter():  # expect: PEFT204
        base = model(**probe).logits
print("drift", (tuned - base).abs().mean().item())
