"""PEFT, with our adapters beside LoRA."""
__version__ = "0.3.0.dev0"

from .bottleneck import BottleneckConfig
