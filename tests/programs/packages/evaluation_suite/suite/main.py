import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from suite.probe import mean_loss
from suite.report import Report


def evaluate(adapter, batches, base_id="gpt2"):
    base = AutoModelForCausalLM.from_pretrained(base_id).eval()
    tuned = PeftModel.from_pretrained(base, adapter)
    return Report(
        adapter=adapter,
        base=mean_loss(base, batches),  # expect: PEFT112
        tuned=mean_loss(tuned, batches),
    )


if __name__ == "__main__":
    data = torch.load("dev.pt", weights_only=False)
    for adapter in sys.argv[1:]:
        print(evaluate(adapter, data).row())
