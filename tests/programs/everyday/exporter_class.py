"""Export helper used after training: merges and writes a standalone checkpoint."""
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


class Exporter:
    def __init__(self, base_id: str, adapter: str):
        self.base_id = base_id
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        base = AutoModelForSeq2SeqLM.from_pretrained(base_id, dtype=torch.float32)
        self.model = PeftModel.from_pretrained(base, adapter)
        self.model.eval()

    def merge(self):
        self.model.merge_and_unload()  # expect: PEFT501
        return self

    def save(self, out: str):
        path = Path(out)
        path.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(path)
        self.tokenizer.save_pretrained(path)
        (path / "README.md").write_text(f"Merged from {self.base_id}\n")


def run(adapter="runs/flan-t5-samsum", out="export/flan-t5-samsum-merged"):
    Exporter("google/flan-t5-large", adapter).merge().save(out)


if __name__ == "__main__":
    run()
