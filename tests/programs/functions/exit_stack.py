from contextlib import ExitStack

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def logits(model, batch, plain=False):
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        if plain:
            stack.enter_context(model.disable_adapter())
        return model(**batch).logits


model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a")
diff = logits(model, batch) - logits(model, batch, plain=True)
