"""The object answers with log-probabilities; the function that is given it trains it."""

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Scorer:
    def __init__(self, name):
        base = AutoModelForCausalLM.from_pretrained(name)
        self.model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))

    def logprobs(self, ids):
        logits = self.model(input_ids=ids).logits[:, :-1]
        return logits.log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


def step(scorer, optimizer, batch):
    gain = scorer.logprobs(batch["ids"]).sum(-1)
    loss = -(batch["reward"] * gain).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
