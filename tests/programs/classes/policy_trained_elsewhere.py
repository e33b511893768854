"""A policy that is acted with and evaluated; who trains it is elsewhere."""

from dataclasses import dataclass

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


@dataclass
class Evaluation:
    log_probability: torch.Tensor
    entropy: torch.Tensor


class Policy:
    def __init__(self, name):
        base = AutoModelForCausalLM.from_pretrained(name)
        self.model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))

    def parameters(self):
        return [p for p in self.model.parameters() if p.requires_grad]

    def evaluate(self, ids):
        tokens = torch.distributions.Categorical(logits=self.model(input_ids=ids).logits)
        return Evaluation(tokens.log_prob(ids).sum(-1), tokens.entropy().mean())

    @torch.no_grad()
    def act(self, ids):
        return self.model.generate(input_ids=ids, do_sample=True)
