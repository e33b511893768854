import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, get_cosine_schedule_with_warmup

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")

optimizer = torch.optim.AdamW(  # expect: PEFT403
    model.parameters(),
    lr=1e-4,
    weight_decay=0.01,
)
scheduler = get_cosine_schedule_with_warmup(optimizer, 10, 1000)

model.add_adapter(LoraConfig(r=8, target_modules=["c_attn"]), adapter_name="notes")
model.train()

for step, line in enumerate(open("notes.txt")):
    ids = tokenizer(line, return_tensors="pt").input_ids
    loss = model(ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    if step % 100 == 0:
        print(step, loss.item())

model.save_pretrained("out/notes")
