# Start a new run with the hyper-parameters of an earlier adapter.
import argparse

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--like", required=True, help="adapter whose hyper-parameters are copied (not its weights)")
    ap.add_argument("--rank", type=int, default=32)
    ap.add_argument("--data", default="new_domain.jsonl")
    ap.add_argument("--out", default="runs/new_domain")
    args = ap.parse_args()

    config = LoraConfig.from_pretrained(args.like)
    config.r = args.rank
    config.lora_alpha = 2 * args.rank
    config.inference_mode = False

    tok = AutoTokenizer.from_pretrained(config.base_model_name_or_path)
    tok.pad_token = tok.pad_token or tok.eos_token
    model = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
    model = get_peft_model(model, config)  # trained from scratch on the new domain
    model.print_trainable_parameters()

    ds = load_dataset("json", data_files=args.data, split="train")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=512), remove_columns=ds.column_names)
    loader = DataLoader(ds, batch_size=4, shuffle=True, collate_fn=DataCollatorForLanguageModeling(tok, mlm=False))
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    model.train()
    for step, batch in enumerate(loader):
        loss = model(**batch).loss
        loss.backward()
        opt.step()
        opt.zero_grad()
        if step % 100 == 0:
            print(step, loss.item())
    model.save_pretrained(args.out)


if __name__ == "__main__":
    main()
