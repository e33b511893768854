from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load_merged(base_dir: Path, adapter_dir: Path):
    model = AutoModelForCausalLM.from_pretrained(base_dir, dtype=torch.bfloat16, device_map="cpu")
    return PeftModel.from_pretrained(model, adapter_dir).merge_and_unload(progressbar=True)


def export(base_dir: Path, adapter_dirs: list[Path], out_dir: Path) -> None:
    for adapter_dir in adapter_dirs:
        target = out_dir / adapter_dir.name
        if target.exists():
            print("skipping", target)
            continue
        load_merged(base_dir, adapter_dir).save_pretrained(target, max_shard_size="5GB")
        AutoTokenizer.from_pretrained(base_dir).save_pretrained(target)


if __name__ == "__main__":
    here = Path(__file__).parent
    export(here / "llama", sorted((here / "runs").iterdir()), here / "merged")
