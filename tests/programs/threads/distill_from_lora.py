"""Student (smaller) learns from teacher = 7B + LoRA (frozen). MiniLLM style forward KL."""
import argparse

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from datasets import load_dataset
from peft import LoraConfig, PeftModel, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

ap = argparse.ArgumentParser()
ap.add_argument("--teacher", default="Qwen/Qwen2.5-7B")
ap.add_argument("--teacher-lora", default="ckpt/teacher_lora")
ap.add_argument("--student", default="Qwen/Qwen2.5-0.5B")
ap.add_argument("--T", type=float, default=2.0)
a = ap.parse_args()

acc = Accelerator()
tok = AutoTokenizer.from_pretrained(a.teacher)
teacher = AutoModelForCausalLM.from_pretrained(a.teacher, torch_dtype=torch.bfloat16)
teacher = PeftModel.from_pretrained(teacher, a.teacher_lora).to(acc.device).eval()
student = AutoModelForCausalLM.from_pretrained(a.student, torch_dtype=torch.bfloat16)
student = get_peft_model(student, LoraConfig(r=32, lora_alpha=64, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"], task_type="CAUSAL_LM"))
optim = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=1e-4)

ds = load_dataset("databricks/databricks-dolly-15k", split="train")
dl = DataLoader([f"{r['instruction']}\n{r['response']}" for r in ds], batch_size=4, shuffle=True, collate_fn=lambda t: tok(t, return_tensors="pt", padding=True, truncation=True, max_length=512))
student, optim, dl = acc.prepare(student, optim, dl)

for i, b in enumerate(dl):
    with torch.no_grad():
        t_logits = teacher(input_ids=b["input_ids"], attention_mask=b["attention_mask"]).logits
    s_logits = student(input_ids=b["input_ids"], attention_mask=b["attention_mask"]).logits
    v = min(t_logits.shape[-1], s_logits.shape[-1])
    kd = F.kl_div((s_logits[..., :v] / a.T).log_softmax(-1), (t_logits[..., :v] / a.T).log_softmax(-1), log_target=True, reduction="batchmean") * a.T**2
    acc.backward(kd)
    optim.step()
    optim.zero_grad()
    if i % 50 == 0:
        acc.print(i, kd.item())
acc.unwrap_model(student).save_pretrained("student_lora")
