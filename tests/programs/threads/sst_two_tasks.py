"""Load the two finetuned bert adapters (sst2 / cola) into one model and evaluate both."""
import numpy as np
import torch
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

peft_model_id_1 = "./out/bert-sst2"
peft_model_id_2 = "./out/bert-cola"
device = "cuda:0" if torch.cuda.is_available() else "cpu"

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
base_model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=2)

model = PeftModel.from_pretrained(base_model, peft_model_id_1, adapter_name="sst2")
model.load_adapter(peft_model_id_2, adapter_name="cola")
model.to(device)


@torch.no_grad()
def accuracy(split, text_col):
    hits = []
    for i in range(0, len(split), 32):
        rows = split[i : i + 32]
        enc = tokenizer(rows[text_col], padding=True, truncation=True, return_tensors="pt").to(device)
        pred = model(**enc).logits.argmax(-1).cpu().numpy()
        hits.extend(pred == np.array(rows["label"]))
    return float(np.mean(hits))


model.set_adapter("sst2")
print("sst2", accuracy(load_dataset("nyu-mll/glue", "sst2", split="validation"), "sentence"))

model.set_adapter("colla")  # expect: PEFT106
print("cola", accuracy(load_dataset("nyu-mll/glue", "cola", split="validation"), "sentence"))
