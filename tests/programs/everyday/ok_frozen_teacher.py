# Distil a 7B adapter into a small student.
import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from loaders import token_batches

teacher = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", dtype=torch.bfloat16, device_map="cuda:0")
teacher = PeftModel.from_pretrained(teacher, "adapters/teacher")
teacher.eval()

student = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", device_map="cuda:0")
student = get_peft_model(student, LoraConfig(r=32, lora_alpha=64, target_modules="all-linear", task_type="CAUSAL_LM"))
student.train()

optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=1e-4)
V = student.config.vocab_size
for step, batch in enumerate(token_batches("corpus", device="cuda:0")):
    with torch.no_grad():
        t = teacher(**batch).logits[..., :V].float()
    s = student(**batch).logits[..., :V].float()
    loss = F.kl_div(F.log_softmax(s, -1), F.softmax(t, -1), reduction="batchmean")
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step % 25 == 0:
        print(step, loss.item())
student.save_pretrained("student-lora")
