# Multi-GPU LoRA training for RoBERTa with DataParallel.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch import nn
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

CKPT = "roberta-base"
tokenizer = AutoTokenizer.from_pretrained(CKPT)
model = AutoModelForSequenceClassification.from_pretrained(CKPT, num_labels=2)
model = nn.DataParallel(model).cuda()

lora = LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.1, target_modules=["query", "value"])
model = get_peft_model(model, lora)  # expect: PEFT410

ds = load_dataset("glue", "sst2", split="train")
ds = ds.map(lambda r: tokenizer(r["sentence"], truncation=True), batched=True, remove_columns=["sentence", "idx"])
ds = ds.rename_column("label", "labels")
loader = DataLoader(ds, batch_size=64, shuffle=True, collate_fn=DataCollatorWithPadding(tokenizer))

opt = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=3e-4)
model.train()
for i, batch in enumerate(loader):
    batch = {k: v.cuda() for k, v in batch.items()}
    loss = model(**batch).loss.mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
    if i % 100 == 0:
        print(i, loss.item())
model.save_pretrained("roberta-sst2")
