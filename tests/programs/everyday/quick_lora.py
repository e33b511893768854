# Quick LoRA on Falcon for a haiku generator.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

HAIKUS = [
    "An old silent pond / A frog jumps into the pond / Splash! Silence again.",
    "Over the wintry / Forest, winds howl in rage / With no leaves to blow.",
    "Light of the moon / Moves west, flowers' shadows / Creep eastward.",
]

device = "cuda" if torch.cuda.is_available() else "cpu"
tok = AutoTokenizer.from_pretrained("tiiuae/falcon-rw-1b")
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained("tiiuae/falcon-rw-1b")

cfg = LoraConfig(16, lora_alpha=32, target_modules=["query_key_value"])  # expect: PEFT214
model = get_peft_model(model, cfg).to(device)
model.train()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-4)

batch = tok(HAIKUS, padding=True, return_tensors="pt").to(device)
labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
for epoch in range(30):
    loss = model(**batch, labels=labels).loss
    loss.backward()
    opt.step()
    opt.zero_grad()
    print(f"epoch {epoch:02d} loss {loss.item():.3f}")

model.eval()
seed = tok("A lonely", return_tensors="pt").to(device)
print(tok.decode(model.generate(**seed, max_new_tokens=30)[0]))
