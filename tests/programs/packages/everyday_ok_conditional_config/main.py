# Command line of the package.
import argparse

from datasets import load_dataset

from builder import get_trainer

if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="HuggingFaceTB/SmolLM2-135M")
    p.add_argument("--resume")
    p.add_argument("--out", default="out")
    a = p.parse_args()
    trainer = get_trainer(a.model, load_dataset("stanfordnlp/imdb", split="train"), a.out, a.resume)
    trainer.train()
    trainer.save_model(a.out)
