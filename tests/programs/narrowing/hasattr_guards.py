"""Works with plain models, PeftModels and pipelines."""
import contextlib

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def reference_context(model):
    if hasattr(model, "disable_adapter"):
        return model.disable_adapter()
    if hasattr(model, "disable_adapters") and getattr(model, "_hf_peft_config_loaded", False):

        @contextlib.contextmanager
        def without():
            model.disable_adapters()
            try:
                yield
            finally:
                model.enable_adapters()

        return without()
    return contextlib.nullcontext()


def unwrap(model):
    if hasattr(model, "merge_and_unload"):
        return model.merge_and_unload()
    return model


def logits(model, batch):
    with torch.no_grad():
        mine = model(**batch).logits
        with reference_context(model):
            reference = model(**batch).logits
    return mine, reference


tokenizer = AutoTokenizer.from_pretrained("gpt2")
base = AutoModelForCausalLM.from_pretrained("gpt2")
batch = tokenizer("Hello", return_tensors="pt")
mine, reference = logits(base, batch)
assert torch.equal(mine, reference)

model = PeftModel.from_pretrained(base, "out/x")
mine, reference = logits(model, batch)
assert not torch.equal(mine, reference)
unwrap(model).save_pretrained("out/x-merged")
