# Continue a classification adapter on new labels.
import torch
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification

from news import NewsDataset, collate

base = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased", num_labels=4)
model = PeftModel.from_pretrained(base, "adapters/news-v1")  # expect: PEFT401
model.cuda()
model.train()

opt = torch.optim.AdamW(model.parameters(), lr=1e-4)
for epoch in range(2):
    for batch in DataLoader(NewsDataset("news-v2.csv"), batch_size=32, shuffle=True, collate_fn=collate):
        batch = {k: v.cuda() for k, v in batch.items()}
        loss = model(**batch).loss
        loss.requires_grad_(True)  # expect: PEFT412
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, loss.item())
model.save_pretrained("adapters/news-v2")
