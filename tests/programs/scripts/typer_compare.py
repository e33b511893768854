from pathlib import Path

import torch
import typer
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = typer.Typer()


@torch.inference_mode()
def perplexity(model, tok, texts):
    total = 0.0
    for text in texts:
        enc = tok(text, return_tensors="pt")
        total += model(**enc, labels=enc["input_ids"]).loss.item()
    return total / len(texts)


@app.command()
def compare(base: str, adapter: Path, data: Path):
    """Perplexity with and without the adapter."""
    tok = AutoTokenizer.from_pretrained(base)
    texts = data.read_text().splitlines()
    plain = AutoModelForCausalLM.from_pretrained(base)
    tuned = PeftModel.from_pretrained(plain, str(adapter))
    scores = {}
    for name, model in [("base", plain), ("tuned", tuned)]:
        scores[name] = perplexity(model, tok, texts)  # expect: PEFT112
    typer.echo(scores)


if __name__ == "__main__":
    app()
