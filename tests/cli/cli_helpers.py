from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import peftlint

#: The snippet of the founding thread: two adapters are created from their configs, and never loaded.
FOUNDING = dedent(
    """\
    from peft import PeftConfig
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained("base")
    model.add_adapter(PeftConfig.from_pretrained("adapters/math"), adapter_name="math")
    model.add_adapter(PeftConfig.from_pretrained("adapters/code"), adapter_name="code")
    model.set_adapter("math")
    print(model.generate(inputs))
    """
)


@dataclass
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


def environment() -> dict[str, str]:
    """The environment of a process that is to find this very peftlint."""
    root = Path(peftlint.__file__).parents[1]
    return {**os.environ, "PYTHONPATH": str(root)}
