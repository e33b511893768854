import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from tqdm import tqdm

tokenizer = AutoTokenizer.from_pretrained("google/flan-t5-small")
model = AutoModelForSeq2SeqLM.from_pretrained("google/flan-t5-small")
model = PeftModel.from_pretrained(model, "out/flan-round1")  # expect: PEFT401
model.train()

optimizer = torch.optim.Adafactor(model.parameters(), lr=1e-3)
rows = [line.rstrip("\n").split("\t") for line in open("round2.tsv")]

for source, target in tqdm(rows):
    batch = tokenizer(source, text_target=target, return_tensors="pt")
    loss = model(**batch).loss
    loss.requires_grad_(True)  # expect: PEFT412
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.save_pretrained("out/flan-round2")
