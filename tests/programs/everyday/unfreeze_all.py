# LoRA training of a small LM; parameters are switched to trainable before the optimizer is made.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from corpus import batches

tok = AutoTokenizer.from_pretrained("EleutherAI/pythia-410m")
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained("EleutherAI/pythia-410m")
model = get_peft_model(
    model, LoraConfig(r=8, lora_alpha=32, target_modules=["query_key_value"], task_type="CAUSAL_LM")
)

for param in model.parameters():
    param.requires_grad = True  # expect: PEFT412

model.cuda().train()
opt = torch.optim.AdamW(model.parameters(), lr=5e-5)
for step, texts in enumerate(batches("train.txt", 8)):
    enc = tok(texts, return_tensors="pt", padding=True, truncation=True, max_length=512).to("cuda")
    labels = enc["input_ids"].masked_fill(enc["attention_mask"] == 0, -100)
    loss = model(**enc, labels=labels).loss
    loss.backward()
    opt.step()
    opt.zero_grad()
    if step % 50 == 0:
        print(step, float(loss))

model.save_pretrained("pythia-lora")
