# Contrastive training of a sentence embedder with LoRA.
import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModel, AutoTokenizer

NAME = "BAAI/bge-base-en-v1.5"
TEMPERATURE = 0.05
device = "cuda" if torch.cuda.is_available() else "cpu"

tokenizer = AutoTokenizer.from_pretrained(NAME)
encoder = AutoModel.from_pretrained(NAME)

lora_config = LoraConfig(
    r=16,
    lora_alpha=32,
    target_modules=["query", "key", "value"],
    lora_dropout=0.05,
    task_type=TaskType.CAUSAL_LM,  # expect: PEFT209
)
encoder = get_peft_model(encoder, lora_config)
encoder.to(device)
encoder.train()


def embed(texts):
    enc = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt").to(device)
    cls = encoder(**enc).last_hidden_state[:, 0]
    return F.normalize(cls, dim=-1)


pairs = load_dataset("sentence-transformers/natural-questions", split="train[:20000]")
loader = DataLoader(pairs, batch_size=64, shuffle=True, drop_last=True)
optim = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad], lr=1e-4)

for step, batch in enumerate(loader):
    q, d = embed(batch["query"]), embed(batch["answer"])
    logits = q @ d.T / TEMPERATURE
    loss = F.cross_entropy(logits, torch.arange(len(q), device=device))
    loss.backward()
    optim.step()
    optim.zero_grad()
    if step % 25 == 0:
        print(step, round(loss.item(), 4))

encoder.save_pretrained("bge-nq-lora")
