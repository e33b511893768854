# Kaggle: inference with folds of LoRA, the base is loaded once "to save time"
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

base = AutoModelForSequenceClassification.from_pretrained("deberta", num_labels=2)
models = []
for fold in range(5):
    models.append(PeftModel.from_pretrained(base, f"fold{fold}"))  # expect: PEFT104
with torch.no_grad():
    preds = torch.stack([m(**batch).logits for m in models]).mean(0)
