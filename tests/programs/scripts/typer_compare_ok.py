from pathlib import Path

import torch
import typer
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

app = typer.Typer()


@torch.inference_mode()
def perplexity(model, tok, texts):
    return sum(model(**tok(t, return_tensors="pt")).logits.mean().item() for t in texts)


@app.command()
def compare(base: str, adapter: Path, data: Path):
    tok = AutoTokenizer.from_pretrained(base)
    texts = data.read_text().splitlines()
    plain = AutoModelForCausalLM.from_pretrained(base)
    scores = {"base": perplexity(plain, tok, texts)}
    tuned = PeftModel.from_pretrained(plain, str(adapter))
    scores["tuned"] = perplexity(tuned, tok, texts)
    typer.echo(scores)


if __name__ == "__main__":
    app()
