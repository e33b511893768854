# A small registry class that keeps several task adapters on one Llama model.
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict

import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer


@dataclass
class RegistryConfig:
    base: str = "meta-llama/Llama-3.2-1B-Instruct"
    root: Path = Path("checkpoints/adapters")
    tasks: Dict[str, str] = field(
        default_factory=lambda: {"summarize": "sum-r16", "translate": "en-de-r16", "sql": "text2sql-r32"}
    )


class AdapterRegistry:
    def __init__(self, cfg: RegistryConfig):
        self.cfg = cfg
        self.tokenizer = AutoTokenizer.from_pretrained(cfg.base)
        self.model = AutoModelForCausalLM.from_pretrained(cfg.base, dtype=torch.float16).cuda()
        self._register_all()
        self.model.eval()

    def _register_all(self):
        configs = {}
        for task, folder in self.cfg.tasks.items():
            configs[task] = PeftConfig.from_pretrained(str(self.cfg.root / folder))
        for task, conf in configs.items():
            self.model.add_adapter(conf, adapter_name=task)  # expect: PEFT101
            print(f"[registry] {task} ready")

    @torch.inference_mode()
    def run(self, task: str, prompt: str, **gen_kwargs) -> str:
        self.model.set_adapter(task)
        enc = self.tokenizer(prompt, return_tensors="pt").to("cuda")
        ids = self.model.generate(**enc, max_new_tokens=gen_kwargs.pop("max_new_tokens", 128), **gen_kwargs)
        return self.tokenizer.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)


if __name__ == "__main__":
    registry = AdapterRegistry(RegistryConfig())
    print(registry.run("summarize", "Summarize: The quick brown fox ..."))
    print(registry.run("sql", "How many users signed up last week?"))
