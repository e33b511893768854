# Score all checkpoints of one LoRA run on a small validation file.
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def val_loss(model, tok, rows):
    total = 0.0
    for r in rows:
        enc = tok(r["text"], return_tensors="pt", truncation=True, max_length=512).to(model.device)
        with torch.no_grad():
            total += model(**enc, labels=enc.input_ids).loss.item()
    return total / len(rows)


def main(run, base_id):
    # every checkpoint was written by the same Trainer run, so the LoRA configuration is the same
    ckpts = sorted(Path(run).glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
    rows = [json.loads(l) for l in open("val.jsonl")]
    tok = AutoTokenizer.from_pretrained(base_id)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id, device_map="auto"), str(ckpts[0]))
    table = {ckpts[0].name: val_loss(model, tok, rows)}
    for c in ckpts[1:]:
        model.load_adapter(str(c), adapter_name="default")
        table[c.name] = val_loss(model, tok, rows)
    for name, loss in sorted(table.items(), key=lambda kv: kv[1]):
        print(f"{name}\t{loss:.4f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
