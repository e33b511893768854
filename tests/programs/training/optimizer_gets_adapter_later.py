"""The head is trained first; the adapter's parameters join the optimizer when it is there."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=4)
for parameter in model.bert.parameters():
    parameter.requires_grad = False
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)

batches = torch.load("batches.pt", weights_only=False)


def epoch(model):
    model.train()
    for batch in batches:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


epoch(model)

model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, target_modules=["query", "value"]))
optimizer.add_param_group({"params": [p for p in model.parameters() if p.requires_grad], "lr": 1e-4})
epoch(model)
model.save_pretrained("out/two-phases")
