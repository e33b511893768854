from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import torch

if TYPE_CHECKING:
    from peft import PeftModel, PeftModelForCausalLM
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@torch.no_grad()
def perplexities(
    model: "PeftModelForCausalLM", tokenizer: PreTrainedTokenizerBase, texts: list[str]
) -> tuple[float, float]:
    """Mean loss with the adapter, and of the base model."""
    adapter = base = 0.0
    for text in texts:
        batch = tokenizer(text, return_tensors="pt")
        adapter += model(**batch, labels=batch["input_ids"]).loss.item()
        with model.disable_adapter():
            base += model(**batch, labels=batch["input_ids"]).loss.item()
    return adapter / len(texts), base / len(texts)


def export(model: PeftModel, folder: str, name: Optional[str] = None) -> PreTrainedModel:
    if name is not None:
        model.set_adapter(name)
    merged: PreTrainedModel = model.merge_and_unload()
    merged.save_pretrained(folder)
    return merged


def switch_off(model: PreTrainedModel) -> None:
    model.disable_adapters()


def activate(model: Optional[PeftModel], name: str) -> Optional[PeftModel]:
    if model is not None:
        model.set_adapter(name)
    return model
