# Export the DPO version of the chat model as plain merged weights.
import argparse
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def export(base_id: str, sft_dir: str, dpo_dir: str, out_dir: Path):
    tokenizer = AutoTokenizer.from_pretrained(base_id)
    base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16)

    model = PeftModel.from_pretrained(base, sft_dir, adapter_name="sft")
    model.load_adapter(dpo_dir, adapter_name="dpo")  # expect: PEFT105
    model = model.merge_and_unload()

    out_dir.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out_dir)
    tokenizer.save_pretrained(out_dir)
    print(f"DPO model written to {out_dir}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="HuggingFaceTB/SmolLM2-360M-Instruct")
    parser.add_argument("--sft", default="out/smol-sft")
    parser.add_argument("--dpo", default="out/smol-dpo")
    parser.add_argument("--output", type=Path, default=Path("export/smol-dpo-merged"))
    args = parser.parse_args()
    export(args.base, args.sft, args.dpo, args.output)


if __name__ == "__main__":
    main()
