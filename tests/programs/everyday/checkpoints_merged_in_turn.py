import json
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Sweep:
    def __init__(self, name, batches):
        self.base = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16)
        self.batches = batches

    @torch.no_grad()
    def loss(self, model):
        return sum(model(**batch).loss.item() for batch in self.batches) / len(self.batches)

    def run(self, folder):
        table = {}
        for checkpoint in sorted(Path(folder).glob("checkpoint-*")):
            model = PeftModel.from_pretrained(self.base, checkpoint)  # expect: PEFT104
            model = model.merge_and_unload()
            model.eval()
            table[checkpoint.name] = self.loss(model)
        Path(folder, "losses.json").write_text(json.dumps(table))
