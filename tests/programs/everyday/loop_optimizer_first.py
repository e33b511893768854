# Minimal PyTorch loop for LoRA on GPT-2.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained("gpt2")
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained("gpt2").to(device)

raw = load_dataset("wikitext", "wikitext-2-raw-v1", split="train").filter(lambda r: len(r["text"]) > 50)


def collate(rows):
    enc = tokenizer([r["text"] for r in rows], return_tensors="pt", padding=True, truncation=True, max_length=256)
    enc["labels"] = enc["input_ids"].masked_fill(enc["attention_mask"] == 0, -100)
    return enc


loader = DataLoader(raw, batch_size=8, shuffle=True, collate_fn=collate)

optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.01)  # expect: PEFT403
scheduler = get_linear_schedule_with_warmup(optimizer, 100, len(loader))

lora = LoraConfig(r=8, lora_alpha=16, target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM")
model = get_peft_model(model, lora)
model.print_trainable_parameters()

model.train()
for step, batch in enumerate(loader):
    batch = batch.to(device)
    out = model(**batch)
    out.loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    if step % 100 == 0:
        print(f"{step}: {out.loss.item():.3f}")

model.save_pretrained("gpt2-wikitext-lora")
