# DPO loop: one model, policy and reference adapters.
import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModelForCausalLM

from prefs import pair_loader

base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", device_map="cuda")
model = PeftModel.from_pretrained(base, "runs/sft", adapter_name="policy", is_trainable=True)
model.load_adapter("runs/sft", adapter_name="reference")
model.set_adapter("policy")
model.train()
params = [p for n, p in model.named_parameters() if ".policy." in n]
optimizer = torch.optim.AdamW(params, lr=5e-6)


def logps(batch):
    out = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    lp = F.log_softmax(out, -1).gather(2, batch["input_ids"][:, 1:, None]).squeeze(-1)
    return (lp * batch["mask"][:, 1:]).sum(-1)


for chosen, rejected in pair_loader("prefs.jsonl", device="cuda"):
    model.set_adapter("reference")
    with torch.no_grad():
        ref = logps(chosen) - logps(rejected)
    model.set_adapter("policy")
    pol = logps(chosen) - logps(rejected)
    loss = -F.logsigmoid(0.1 * (pol - ref)).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.save_pretrained("runs/dpo", selected_adapters=["policy"])
