# Restore LoRA weights for evaluation from a safetensors file with a known config.
import argparse
import os

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer


def restore(base_name, ckpt_dir, rank):
    base = AutoModelForCausalLM.from_pretrained(base_name, dtype=torch.float32)
    model = get_peft_model(
        base,
        LoraConfig(
            r=rank,
            lora_alpha=rank * 2,
            lora_dropout=0.05,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
            task_type="CAUSAL_LM",
        ),
    )
    weights = load_file(os.path.join(ckpt_dir, "adapter_model.safetensors"))
    model.load_state_dict(weights, strict=False)  # expect: PEFT109
    model.eval()
    return model


@torch.no_grad()
def choose(model, tok, context, options):
    scores = []
    for opt in options:
        full = tok(context + " " + opt, return_tensors="pt").to(model.device)
        n_ctx = len(tok(context).input_ids)
        logp = model(**full).logits.log_softmax(-1)[0, :-1]
        tgt = full.input_ids[0, 1:]
        scores.append(logp.gather(1, tgt[:, None])[n_ctx - 1:].mean().item())
    return scores.index(max(scores))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="Qwen/Qwen2.5-0.5B")
    ap.add_argument("--ckpt", required=True)
    ap.add_argument("--rank", type=int, default=16)
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    model = restore(args.base, args.ckpt, args.rank).to("cuda")
    ds = load_dataset("Rowan/hellaswag", split="validation[:500]")
    right = sum(choose(model, tok, r["ctx"], r["endings"]) == int(r["label"]) for r in ds)
    print(f"accuracy {right / len(ds):.3f}")
