"""A trainer that takes its own policy, adapter disabled, as the reference."""
from contextlib import nullcontext

import torch
from transformers import PreTrainedModel, Trainer


class PreferenceTrainer(Trainer):
    def __init__(self, *args, ref_model=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.ref_model_given = ref_model

    def reference_logps(self, model: PreTrainedModel, batch):
        if self.ref_model is None:
            self.accelerator.unwrap_model(model).disable_adapter()  # expect: PEFT305
            ref, context = model, nullcontext()
        else:
            ref, context = self.ref_model, nullcontext()
        with torch.no_grad(), context:
            return ref(**batch).logits

    def reference_logps_right(self, model: PreTrainedModel, batch):
        if self.ref_model is None:
            ref, context = model, self.accelerator.unwrap_model(model).disable_adapter()
        else:
            ref, context = self.ref_model, nullcontext()
        with torch.no_grad(), context:
            return ref(**batch).logits
