"""A trainer that takes any model, refuses a PeftModel together with a config, and wraps what is left."""
import inspect

from accelerate.utils import is_peft_model
from peft import PeftConfig, get_peft_model
from transformers import Trainer


class DistilTrainer(Trainer):
    def __init__(self, model, args=None, peft_config: PeftConfig | None = None, **kwargs):
        signature = (
            inspect.signature(model.forward)
            if not hasattr(model, "get_base_model")
            else inspect.signature(model.get_base_model().forward)
        )
        if peft_config is not None:
            if is_peft_model(model):
                raise ValueError("merge the adapter first, then pass the base model together with `peft_config`")
            model = get_peft_model(model, peft_config)
        elif is_peft_model(model):
            model.enable_input_require_grads()
        super().__init__(model=model, args=args, **kwargs)
        self.accepted = set(signature.parameters)
