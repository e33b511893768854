"""Distil an adapted teacher into a fresh adapter on a smaller model: the teacher is to stay frozen."""
import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def get_teacher(checkpoint, adapter):
    base = AutoModelForCausalLM.from_pretrained(checkpoint)
    return PeftModel.from_pretrained(base, adapter).eval()


def get_student(checkpoint):
    base = AutoModelForCausalLM.from_pretrained(checkpoint)
    return get_peft_model(base, LoraConfig(r=16, target_modules=["c_attn"], task_type="CAUSAL_LM"))


def train(loader, temperature=2.0):
    teacher = get_teacher("gpt2-xl", "out/gpt2-xl-law")
    student = get_student("gpt2")
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-4)
    student.train()
    for batch in loader:
        with torch.no_grad():
            target = F.softmax(teacher(**batch).logits / temperature, dim=-1)
        prediction = F.log_softmax(student(**batch).logits / temperature, dim=-1)
        loss = F.kl_div(prediction, target, reduction="batchmean") * temperature**2
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    student.save_pretrained("out/gpt2-law")


train(torch.load("loader.pt", weights_only=False))
