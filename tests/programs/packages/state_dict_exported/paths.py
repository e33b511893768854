import os

ADAPTER_DIR = os.environ.get("ADAPTER_DIR", "exports/story-lora")
BASE = "EleutherAI/gpt-neo-125m"
