"""How long the run-time commands take on large models and folders, and how much memory: `python -m tests.runtime.sizes`.

Each case runs in a process of its own; CPU seconds are without imports and without making the model or folder. docs/runtime.md
names the figures.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.runtime.folders import LLAMA, lora_config, lora_tensors, write

_SEVEN_BILLION = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
}


def many_layers(folder: Path) -> Callable[[], object]:
    """504 adapted layers and 8 adapters, all that `peftlint runtime` measures."""
    import torch
    from peft import LoraConfig, get_peft_model

    from peftlint.runtime.live.check import check
    from tests.runtime.zoo import llama

    settings: dict[str, Any] = {"r": 8, "target_modules": "all-linear", "init_lora_weights": False}
    model = get_peft_model(
        llama(num_hidden_layers=72, hidden_size=64, intermediate_size=128),
        LoraConfig(**settings),
        "adapter_0",
    )
    for number in range(1, 8):
        torch.manual_seed(number)
        model.add_adapter(f"adapter_{number}", LoraConfig(**settings))
    model.eval()
    return lambda: check(model).codes


def many_tensors(folder: Path) -> Callable[[], object]:
    """A folder with 300,000 tensors: 150,000 adapted experts."""
    from peftlint.runtime.folder.audit import audit

    raw = np.random.default_rng(0).normal(size=2_400_000).astype("float32").tobytes()
    header: dict[str, Any] = {}
    for number in range(300_000):
        layer, rest = divmod(number // 2, 1536)
        name = f"base_model.model.model.layers.{layer}.mlp.experts.{rest // 3}.{('gate', 'up', 'down')[rest % 3]}_proj"
        half, shape = (("lora_A", [2, 4]), ("lora_B", [4, 2]))[number % 2]
        header[f"{name}.{half}.weight"] = {
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [32 * number, 32 * number + 32],
        }
    write(folder, config=lora_config(r=2, target_modules=["gate_proj", "up_proj", "down_proj"]))
    text = json.dumps(header).encode()
    (folder / "adapter_model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + raw)
    return lambda: [d.code for d in audit([folder]).diagnostics]


def seven_billion(folder: Path) -> Callable[[], object]:
    """A 7B-shaped config with an adapter of 64 modules, with --base."""
    from peftlint.runtime.folder.audit import audit

    (folder / "config.json").write_text(json.dumps({**LLAMA, **_SEVEN_BILLION}))
    write(folder / "a", lora_tensors(layers=32, width=4096))
    return lambda: [d.code for d in audit([folder / "a"], base=folder).diagnostics]


CASES = {case.__name__: case for case in (many_layers, many_tensors, seven_billion)}


def main(arguments: list[str]) -> None:
    if not arguments:
        for name in CASES:
            subprocess.run([sys.executable, "-m", "tests.runtime.sizes", name], check=True)
        return
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        run = CASES[arguments[0]](Path(folder))
        started, clock = time.process_time(), time.monotonic()
        found = run()
        cpu, wall = time.process_time() - started, time.monotonic() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{arguments[0]}: {cpu:.1f} s CPU, {wall:.1f} s, {memory:.0f} MB, findings {found or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
