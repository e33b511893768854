"""The world in which random programs run: one tiny model, copied for each use, and a few saved adapters.

Everything is made on the spot in a temporary folder. `from_pretrained("tiny")` is answered with a copy of the one
model that was loaded from disk, which is what makes thousands of programs in one process cheap.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: folder -> (seed, class of the config, its arguments)
ADAPTERS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "saved/math": (1, "LoraConfig", {"r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"]}),
    "saved/code": (2, "LoraConfig", {"r": 2, "lora_alpha": 2, "target_modules": ["q_proj", "v_proj"]}),
    "saved/wide": (
        3,
        "LoraConfig",
        {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "o_proj", "up_proj"]},
    ),
    "saved/dropout": (
        4,
        "LoraConfig",
        {"r": 2, "lora_alpha": 4, "target_modules": ["q_proj"], "lora_dropout": 0.1},
    ),
}
VOCABULARY = 24


def _save_model() -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=32,
        initializer_range=0.2,
        tie_word_embeddings=False,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained("tiny")


def _save_adapters() -> None:
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    for folder, (seed, name, arguments) in ADAPTERS.items():
        base = AutoModelForCausalLM.from_pretrained("tiny")
        model = peft.get_peft_model(base, getattr(peft, name)(task_type="CAUSAL_LM", **arguments))
        generator = torch.Generator().manual_seed(seed)
        for parameter in model.parameters():
            if parameter.requires_grad:
                with torch.no_grad():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
        model.save_pretrained(folder)


@contextlib.contextmanager
def world() -> Iterator[Path]:
    """A working directory with the model "tiny" and the adapters of `ADAPTERS`; loading "tiny" is cheap inside."""
    import torch
    import transformers

    torch.set_num_threads(1)
    before = Path.cwd()
    loader = transformers.AutoModelForCausalLM.__dict__["from_pretrained"]
    with tempfile.TemporaryDirectory(prefix="peftlint-oracle-") as folder:
        os.chdir(folder)
        warnings.simplefilter("ignore")
        transformers.logging.set_verbosity(logging.CRITICAL)
        transformers.logging.disable_progress_bar()
        logging.getLogger("peft").setLevel(logging.CRITICAL)
        try:
            _save_model()
            prototype = transformers.AutoModelForCausalLM.from_pretrained("tiny")
            _save_adapters()

            def from_pretrained(cls: Any, path: Any, *args: Any, **kwargs: Any) -> Any:
                if path == "tiny" and not args and not kwargs:
                    return copy.deepcopy(prototype)
                return loader.__func__(cls, path, *args, **kwargs)

            transformers.AutoModelForCausalLM.from_pretrained = classmethod(from_pretrained)  # type: ignore[assignment]
            yield Path(folder)
        finally:
            transformers.AutoModelForCausalLM.from_pretrained = loader
            os.chdir(before)


def releases() -> dict[str, str]:
    """The releases of peft and transformers that run here."""
    import peft
    import transformers

    return {"peft": peft.__version__, "transformers": transformers.__version__}
