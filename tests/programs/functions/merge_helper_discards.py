from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_adapted(base_dir: Path, adapter_dir: Path):
    model = AutoModelForCausalLM.from_pretrained(base_dir, dtype=torch.bfloat16, device_map="cpu")
    return PeftModel.from_pretrained(model, adapter_dir)


def export(base_dir: Path, adapter_dir: Path, out_dir: Path, shard_size: str = "5GB") -> None:
    out_dir.mkdir(parents=True, exist_ok=True)
    model = load_adapted(base_dir, adapter_dir)
    model.merge_and_unload(progressbar=True)  # expect: PEFT501
    model.save_pretrained(out_dir, max_shard_size=shard_size)
    AutoTokenizer.from_pretrained(base_dir).save_pretrained(out_dir)


if __name__ == "__main__":
    here = Path(__file__).parent
    export(here / "llama", here / "runs" / "best", here / "merged")
