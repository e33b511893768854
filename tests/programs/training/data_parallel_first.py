import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModelForSequenceClassification

device = torch.device("cuda")
model = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=2)
if torch.cuda.device_count() > 1:
    print("using", torch.cuda.device_count(), "GPUs")
model = nn.DataParallel(model)
model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, target_modules=["query", "value"]))  # expect: PEFT410
model.to(device)

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
for batch in torch.load("batches.pt", weights_only=False):
    batch = {key: value.to(device) for key, value in batch.items()}
    loss = model(**batch).loss.mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/parallel")
