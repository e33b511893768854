import torch
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2", pad_token="<|endoftext|>")
base = AutoModelForCausalLM.from_pretrained("gpt2")
model = PeftModel.from_pretrained(base, "out/round1", is_trainble=True)  # expect: PEFT401, PEFT803

texts = open("round2.txt").read().splitlines()
loader = DataLoader(texts, batch_size=4, shuffle=True)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

model.train()
for texts in loader:
    batch = tokenizer(texts, return_tensors="pt", padding=True, truncation=True)
    loss = model(**batch, labels=batch["input_ids"]).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

model.save_pretrained("out/round2")
