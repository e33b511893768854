"""The reference pass has no gradients, and the policy is on again before the loss is handed out."""
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModelForCausalLM


class Policy(nn.Module):
    def __init__(self, name="gpt2"):
        super().__init__()
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), LoraConfig(r=8), adapter_name="policy")
        self.model.add_adapter("reference", LoraConfig(r=8))

    def forward(self, batch):
        self.model.set_adapter("reference")
        with torch.no_grad():
            wanted = self.model(**batch).logits
        self.model.set_adapter("policy")
        logits = self.model(**batch).logits
        return F.kl_div(logits.log_softmax(-1), wanted.softmax(-1), reduction="batchmean")

    def both(self, batch):
        self.model.set_adapter("policy")
        logits = self.model(**batch).logits
        self.model.set_adapter("reference")
        other = self.model(**batch).logits
        self.model.base_model.set_adapter(["policy", "reference"])
        return F.mse_loss(logits, other)
