from dataclasses import dataclass

from peft.utils.config import PeftConfig


@dataclass
class BottleneckConfig(PeftConfig):
    bottleneck_size: int = 256
