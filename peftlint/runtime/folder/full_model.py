"""Full-model files that hold adapter layers: what is written by saving the wrapped base instead of the
PeftModel.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import relation_codes
from peftlint.runtime.folder.bounded import Unreadable, read_text
from peftlint.runtime.folder.check_keys import some
from peftlint.runtime.folder.safetensors_file import read_safetensors

FILES = ("model.safetensors", "model.safetensors.index.json")


def check_full_model(folder: Path) -> Iterator[Diagnostic]:
    """PEFT557 if the model's file has layers of adapters. A file that cannot be read is none of our business
    here.
    """
    for name in FILES:
        path = folder / name
        if not os.path.lexists(path):
            continue
        try:
            names = list(read_safetensors(path)) if name == FILES[0] else _indexed(path)
        except Unreadable:
            continue
        wrapped = [key for key in names if ".base_layer." in key or ".lora_A." in key]
        if wrapped:
            yield relation_codes.WRAPPED_BASE.finding(
                f"{len(wrapped)} of {len(names)} tensors are of adapter layers: {some(wrapped)}", str(path)
            )


def _indexed(path: Path) -> list[str]:
    try:
        weights = json.loads(read_text(path))["weight_map"]
    except (ValueError, RecursionError, KeyError, TypeError) as failure:
        raise Unreadable("is no index") from failure
    return [str(key) for key in weights] if isinstance(weights, dict) else []
