"""Multi-task instruction tuning, one LoRA per task; save each one to its own dir."""
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

TASKS = {"wnli": ("sentence1", "sentence2"), "rte": ("sentence1", "sentence2")}
tok = AutoTokenizer.from_pretrained("google/flan-t5-small")
base = AutoModelForSeq2SeqLM.from_pretrained("google/flan-t5-small").cuda()


def cfg():
    return LoraConfig(task_type="SEQ_2_SEQ_LM", r=8, lora_alpha=16, target_modules=["q", "v"], lora_dropout=0.05)


net = get_peft_model(base, cfg(), adapter_name="wnli_task")
net.add_adapter("rte_task", cfg())


def run(task):
    net.set_adapter(f"{task}_task")
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=1e-3)
    a, b = TASKS[task]
    for row in DataLoader(load_dataset("nyu-mll/glue", task, split="train"), batch_size=16, shuffle=True):
        x = tok([f"{p} entails {q}?" for p, q in zip(row[a], row[b])], return_tensors="pt", padding=True).to("cuda")
        y = tok(["yes" if l == 0 else "no" for l in row["label"].tolist()], return_tensors="pt", padding=True).input_ids.cuda()
        loss = net(**x, labels=y.masked_fill(y == tok.pad_token_id, -100)).loss
        loss.backward()
        opt.step()
        opt.zero_grad()
    print(task, loss.item())


run("wnli")
net.save_pretrained("out_wnli", adapter_name="wnli_task")  # expect: PEFT803
run("rte")
net.save_pretrained("out_rte", adapter_name="rte_task")  # expect: PEFT803
