from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    base: str = "gpt2"
    rank: int = 8
    alpha: int = 16
    lr: float = 2e-4
    targets: tuple[str, ...] = ("c_attn",)
