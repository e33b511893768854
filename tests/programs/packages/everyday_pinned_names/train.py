# Fine-tune GPT-Neo on movie scripts with a named adapter and save it.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.optim import AdamW
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

MODEL = "EleutherAI/gpt-neo-125m"
EPOCHS = 2

tok = AutoTokenizer.from_pretrained(MODEL)
tok.pad_token = tok.eos_token
device = "cuda" if torch.cuda.is_available() else "cpu"

net = AutoModelForCausalLM.from_pretrained(MODEL)
lora_cfg = LoraConfig(r=8, lora_alpha=32, target_modules=["q_proj", "v_proj"], lora_dropout=0.1, task_type="CAUSAL_LM")
net = get_peft_model(net, lora_cfg, adapter_name="lora")  # expect: PEFT107
net.to(device)

data = load_dataset("text", data_files="scripts/*.txt", split="train").filter(lambda r: len(r["text"]) > 20)


def collate(rows):
    enc = tok([r["text"] for r in rows], padding=True, truncation=True, max_length=256, return_tensors="pt")
    enc["labels"] = enc["input_ids"].masked_fill(enc["attention_mask"] == 0, -100)
    return enc


loader = DataLoader(data, batch_size=8, shuffle=True, collate_fn=collate)
opt = AdamW([p for p in net.parameters() if p.requires_grad], lr=3e-4)
sched = get_linear_schedule_with_warmup(opt, 50, EPOCHS * len(loader))

net.train()
for epoch in range(EPOCHS):
    for step, batch in enumerate(loader):
        loss = net(**{k: v.to(device) for k, v in batch.items()}).loss
        loss.backward()
        opt.step()
        sched.step()
        opt.zero_grad()
        if step % 50 == 0:
            print(epoch, step, round(loss.item(), 4))

net.save_pretrained("out/scripts")
