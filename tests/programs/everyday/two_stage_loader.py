# Load the SFT adapter and then the domain adapter for offline batch generation.
import argparse
import json
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig


def load_sft(base_id, sft_path):
    """Base model with the instruction adapter."""
    net = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16, device_map="auto")
    net = PeftModel.from_pretrained(net, sft_path)
    return net


def read_prompts(path):
    with open(path) as fh:
        for line in fh:
            if line.strip():
                yield json.loads(line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="Qwen/Qwen2.5-1.5B")
    parser.add_argument("--sft", type=str, required=True)
    parser.add_argument("--domain", type=str, required=True)
    parser.add_argument("--prompts", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("generations.jsonl"))
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.base)
    model = load_sft(args.base, args.sft)
    model = PeftModel.from_pretrained(model, args.domain, adapter_name="domain")  # expect: PEFT103
    model.eval()

    gen = GenerationConfig(max_new_tokens=300, do_sample=False, pad_token_id=tokenizer.eos_token_id)
    with args.out.open("w") as fh, torch.inference_mode():
        for row in read_prompts(args.prompts):
            enc = tokenizer(row["prompt"], return_tensors="pt").to(model.device)
            ids = model.generate(**enc, generation_config=gen)
            row["output"] = tokenizer.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)
            fh.write(json.dumps(row, ensure_ascii=False) + "\n")
    print("wrote", args.out)


if __name__ == "__main__":
    main()
