from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import torch

if TYPE_CHECKING:
    from peft import PeftModel, PeftModelForCausalLM
    from transformers import PreTrainedTokenizerBase


@torch.no_grad()
def perplexities(
    model: "PeftModelForCausalLM", tokenizer: PreTrainedTokenizerBase, texts: list[str]
) -> tuple[float, float]:
    """Mean loss with the adapter, and of the base model."""
    losses = {"adapter": 0.0, "base": 0.0}
    for text in texts:
        batch = tokenizer(text, return_tensors="pt")
        losses["adapter"] += model(**batch, labels=batch["input_ids"]).loss.item()
    model.disable_adapter()  # expect: PEFT305
    for text in texts:
        batch = tokenizer(text, return_tensors="pt")
        losses["base"] += model(**batch, labels=batch["input_ids"]).loss.item()
    return losses["adapter"] / len(texts), losses["base"] / len(texts)


def export(model: PeftModel, folder: str, name: Optional[str] = None) -> None:
    if name is not None:
        model.set_adapter(name)
    model.merge_and_unload()  # expect: PEFT501
    model.save_pretrained(folder)


def activate(model: Optional[PeftModel], name: str) -> None:
    if model is not None:
        model = model.set_adapter(name)  # expect: PEFT110
        model.eval()
