# Loads every adapter of a folder at start; requests pick one (multi-LoRA server package).
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class MultiLora:
    def __init__(self, base: str, root: Path):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, device_map="cuda")
        folders = sorted(p for p in root.iterdir() if (p / "adapter_config.json").is_file())
        if not folders:
            raise SystemExit(f"no adapters below {root}")
        self.model = PeftModel.from_pretrained(net, folders[0], adapter_name=folders[0].name)
        for f in folders[1:]:
            self.model.load_adapter(str(f), adapter_name=f.name)
        self.model.eval()

    @property
    def names(self):
        return list(self.model.peft_config)

    def activate(self, name: str):
        if name not in self.model.peft_config:
            raise KeyError(name)
        self.model.set_adapter(name)

    @torch.inference_mode()
    def complete(self, prompt: str, max_new_tokens: int = 128) -> str:
        enc = self.tok(prompt, return_tensors="pt").to("cuda")
        ids = self.model.generate(**enc, max_new_tokens=max_new_tokens)
        return self.tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)
