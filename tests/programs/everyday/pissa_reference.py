# Fine-tune with principal-component init and log the drift from the reference model.
import argparse

import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling


def drift(model, batch):
    """KL(reference || current) on one batch."""
    model.eval()
    with torch.no_grad():
        cur = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.log_softmax(-1)
        with model.disable_adapter():  # expect: PEFT204
            ref = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.log_softmax(-1)
    model.train()
    return F.kl_div(cur, ref, log_target=True, reduction="batchmean").item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="Qwen/Qwen2.5-0.5B")
    ap.add_argument("--rank", type=int, default=16)
    ap.add_argument("--steps", type=int, default=500)
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).cuda()
    config = LoraConfig(r=args.rank, lora_alpha=args.rank, init_lora_weights="pissa", target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(model, config)

    ds = load_dataset("tatsu-lab/alpaca", split="train")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=384), remove_columns=ds.column_names)
    loader = DataLoader(ds, batch_size=4, shuffle=True, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5)

    for step, batch in enumerate(loader):
        if step >= args.steps:
            break
        batch = {k: v.cuda() for k, v in batch.items()}
        loss = model(**batch).loss
        loss.backward()
        opt.step()
        opt.zero_grad()
        if step % 50 == 0:
            print(step, f"loss {loss.item():.3f}", f"drift {drift(model, batch):.4f}")


if __name__ == "__main__":
    main()
