# Settings of a YAML-driven trainer.
from dataclasses import dataclass, field
from typing import List

import yaml


@dataclass
class Settings:
    model: str = "Qwen/Qwen2.5-0.5B"
    rank: int = 8
    alpha: int = 16
    dropout: float = 0.05
    targets: List[str] = field(default_factory=lambda: ["q_proj", "v_proj"])
    epochs: int = 1
    lr: float = 2e-4
    data: str = "train.jsonl"
    out: str = "out"

    @classmethod
    def load(cls, path):
        with open(path) as fh:
            return cls(**(yaml.safe_load(fh) or {}))
