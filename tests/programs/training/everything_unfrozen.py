import torch
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2", pad_token="<|endoftext|>")
model = AutoModelForCausalLM.from_pretrained("gpt2")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))

# "element 0 of tensors does not require grad" went away with this
for param in model.parameters():
    param.requires_grad = True  # expect: PEFT412

optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
texts = open("train.txt").read().splitlines()
model.train()
for epoch in range(3):
    for chunk in DataLoader(texts, batch_size=8, shuffle=True):
        batch = tokenizer(chunk, return_tensors="pt", padding=True)
        loss = model(**batch, labels=batch["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(epoch, loss.item())
model.save_pretrained("out/gpt2")
