from dataclasses import dataclass


@dataclass
class Paths:
    base: str = "base"
    adapter: str = "adapters/chat"
    merged: str = "merged/chat"
