# Helpers that resolve adapter folders and read their configuration (part of a small summarizer package).
import json
from pathlib import Path

from peft import PeftConfig

ADAPTER_ROOT = Path(__file__).parent / "adapters"


def list_adapters():
    return sorted(p.name for p in ADAPTER_ROOT.iterdir() if (p / "adapter_config.json").exists())


def read_adapter(name):
    path = ADAPTER_ROOT / name
    if not path.exists():
        raise FileNotFoundError(f"{path} (have: {list_adapters()})")
    return PeftConfig.from_pretrained(str(path))


def read_meta(name):
    meta = ADAPTER_ROOT / name / "meta.json"
    return json.loads(meta.read_text()) if meta.exists() else {}
