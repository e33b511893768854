# multi gpu clip-like text tower with lora
import torch
from torch import nn
from torch.utils.data import DataLoader
from transformers import AutoModel, AutoTokenizer
from peft import LoraConfig, get_peft_model
from datasets import load_dataset

gpus = [0, 1]


class CreateModel(nn.Module):
    def __init__(self, name="FacebookAI/roberta-base", dim=256):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)
        self.config = self.encoder.config
        self.fc = nn.Linear(self.config.hidden_size, dim)

    def forward(self, input_ids, attention_mask):
        h = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state[:, 0]
        return nn.functional.normalize(self.fc(h), dim=-1)


tok = AutoTokenizer.from_pretrained("FacebookAI/roberta-base")
model = CreateModel()
model = torch.nn.DataParallel(model, device_ids=gpus).cuda()
peft_config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.1, target_modules=["query", "value"], modules_to_save=["fc"])
model = get_peft_model(model, peft_config)  # expect: PEFT410
model.print_trainable_parameters()

opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-4)
pairs = load_dataset("sentence-transformers/all-nli", "pair", split="train[:50000]")

for step, b in enumerate(DataLoader(pairs, batch_size=128, shuffle=True)):
    za, zb = (model(**{k: v.cuda() for k, v in tok(b[c], padding=True, truncation=True, max_length=64, return_tensors="pt").items()}) for c in ("anchor", "positive"))
    loss = nn.functional.cross_entropy(za @ zb.T / 0.05, torch.arange(len(za), device=za.device))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
