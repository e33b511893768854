# Warm up the new head for one epoch, then train LoRA.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification

from ner import loader, LABELS

model = AutoModelForTokenClassification.from_pretrained("bert-base-cased", num_labels=len(LABELS)).cuda()


def epoch(net, opt):
    net.train()
    for batch in loader("train", device="cuda"):
        loss = net(**batch).loss
        loss.backward()
        opt.step()
        opt.zero_grad()
    return loss.item()


optimizer = torch.optim.AdamW(model.classifier.parameters(), lr=1e-3)
print("head", epoch(model, optimizer))

model = get_peft_model(model, LoraConfig(task_type="TOKEN_CLS", r=8, lora_alpha=16, target_modules=["query", "value"]))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
for e in range(3):
    print("lora", e, epoch(model, optimizer))
model.save_pretrained("ner-lora")
