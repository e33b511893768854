import math

import torch
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, get_linear_schedule_with_warmup

model_name = "bigscience/bloomz-560m"
out = "outputs/bloomz_tweets"
lr, num_epochs, batch_size = 3e-2, 3, 8
device = "cuda"

tokenizer = AutoTokenizer.from_pretrained(model_name)
ds = load_dataset("ought/raft", "twitter_complaints")["train"]
classes = [k.replace("_", " ") for k in ds.features["Label"].names]
ds = ds.map(lambda x: {"text": f"Tweet text : {x['Tweet text']} Label : {classes[x['Label']]}"})
ds = ds.map(lambda x: tokenizer(x["text"], truncation=True, max_length=64), remove_columns=ds.column_names)
loader = DataLoader(ds, shuffle=True, batch_size=batch_size, collate_fn=DataCollatorForLanguageModeling(tokenizer, mlm=False))

peft_config = LoraConfig(task_type=TaskType.CAUSAL_LM, r=8, lora_alpha=32, lora_dropout=0.1)
model = AutoModelForCausalLM.from_pretrained(model_name)
model = get_peft_model(model, peft_config, adapter_name="lora")  # expect: PEFT107
model.print_trainable_parameters()
model = model.to(device)

optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
sched = get_linear_schedule_with_warmup(optimizer, 0, len(loader) * num_epochs)

for epoch in range(num_epochs):
    model.train()
    total = 0.0
    for batch in loader:
        batch = {k: v.to(device) for k, v in batch.items()}
        loss = model(**batch).loss
        total += loss.detach().float()
        loss.backward()
        optimizer.step()
        sched.step()
        optimizer.zero_grad()
    print(f"{epoch=} ppl={math.exp(total / len(loader)):.2f}")

model.save_pretrained(out)
