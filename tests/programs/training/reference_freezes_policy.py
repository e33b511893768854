# target: peft==0.19.0
"""A policy adapter with a frozen copy of itself as the reference, own training loop."""
import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModelForCausalLM

SFT = "out/sft"
model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", dtype=torch.bfloat16)
model = PeftModel.from_pretrained(model, SFT, is_trainable=True, adapter_name="policy")
model.load_adapter(SFT, adapter_name="ref")  # expect: PEFT413
model.train()

optimizer = torch.optim.AdamW(model.parameters(), lr=5e-6)
for chosen, rejected in torch.load("pairs.pt", weights_only=False):
    better = F.log_softmax(model(**chosen).logits, -1).max(-1).values.sum()
    worse = F.log_softmax(model(**rejected).logits, -1).max(-1).values.sum()
    loss = -F.logsigmoid(0.1 * (better - worse))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.save_pretrained("out/policy", selected_adapters=["policy"])
