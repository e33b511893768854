# Preference optimisation with a policy and a reference adapter in one model.
import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModelForCausalLM

from prefs import pair_loader

SFT = "runs/sft"
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", dtype=torch.bfloat16, device_map="cuda")
model = PeftModel.from_pretrained(base, SFT, adapter_name="policy", is_trainable=True)
model.load_adapter(SFT, adapter_name="reference")  # expect: PEFT413

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-6)


def logps(batch):
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    labels = batch["input_ids"][:, 1:]
    lp = torch.gather(F.log_softmax(logits.float(), -1), 2, labels.unsqueeze(-1)).squeeze(-1)
    return (lp * batch["loss_mask"][:, 1:]).sum(-1)


for step, (chosen, rejected) in enumerate(pair_loader("prefs.jsonl", device="cuda")):
    margin = logps(chosen) - logps(rejected)
    loss = -F.logsigmoid(0.1 * (margin - chosen["ref_margin"])).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step % 20 == 0:
        print(step, loss.item())

model.save_pretrained("runs/dpo", selected_adapters=["policy"])
