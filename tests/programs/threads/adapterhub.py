"""AdapterHub (adapters library, NOT peft) sentiment + our peft LoRA for a second model."""
import torch
from adapters import AutoAdapterModel, LoRAConfig
from adapters.composition import Stack
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tok = AutoTokenizer.from_pretrained("FacebookAI/roberta-base")
model = AutoAdapterModel.from_pretrained("FacebookAI/roberta-base")
model.load_adapter("AdapterHub/roberta-base-pf-imdb", source="hf", load_as="imdb", set_active=True)
model.add_adapter("domain", config=LoRAConfig(r=8, alpha=16))
model.add_classification_head("domain", num_labels=3)
model.train_adapter("domain")
model.active_adapters = Stack("domain")

opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
for line in open("domain.tsv"):
    y, x = line.rstrip("\n").split("\t", 1)
    out = model(**tok(x, return_tensors="pt", truncation=True), labels=torch.tensor([int(y)]))
    out.loss.backward()
    opt.step()
    opt.zero_grad()
model.save_adapter("domain_adapter", "domain")
model.set_active_adapters("imdb")

second = AutoModelForSequenceClassification.from_pretrained("FacebookAI/roberta-base", num_labels=3)
second = PeftModel.from_pretrained(second, "peft/domain_lora")
x = tok("the plot is thin but charming", return_tensors="pt")
with torch.no_grad():
    print("hub :", model(**x).logits.softmax(-1))
    print("peft:", second(**x).logits.softmax(-1))
