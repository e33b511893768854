# Train a LoRA in plain PyTorch, keep the best weights on disk and restore them for the test.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling

BASE = "EleutherAI/pythia-160m"
PATH = "best_lora.pt"
device = "cuda" if torch.cuda.is_available() else "cpu"
tok = AutoTokenizer.from_pretrained(BASE)
tok.pad_token = tok.eos_token


def make_model():
    base = AutoModelForCausalLM.from_pretrained(BASE)
    return get_peft_model(base, LoraConfig(r=8, lora_alpha=16, target_modules=["query_key_value"], task_type="CAUSAL_LM")).to(device)


def loader(split, shuffle=False):
    ds = load_dataset("wikitext", "wikitext-2-raw-v1", split=split).filter(lambda r: len(r["text"]) > 50)
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=256), remove_columns=ds.column_names)
    return DataLoader(ds, batch_size=8, shuffle=shuffle, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))


@torch.no_grad()
def evaluate(model, data):
    model.eval()
    losses = [model(**b.to(device)).loss.item() for b in data]
    return sum(losses) / len(losses)


def train():
    model = make_model()
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
    best, val = float("inf"), loader("validation")
    for epoch in range(3):
        model.train()
        for batch in loader("train[:20%]", shuffle=True):
            model(**batch.to(device)).loss.backward()
            opt.step()
            opt.zero_grad()
        score = evaluate(model, val)
        print(epoch, score)
        if score < best:
            best = score
            torch.save({k: v.cpu() for k, v in model.state_dict().items() if "lora_" in k}, PATH)


if __name__ == "__main__":
    train()
    model = make_model()
    missing, unexpected = model.load_state_dict(torch.load(PATH, map_location=device), strict=False)
    assert not unexpected
    print("test loss", evaluate(model, loader("test")))
