"""The same in the right order: the base's loss is taken before an adapter goes in."""
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from .probe import mean_loss
from .report import Report

data = torch.load("dev.pt", weights_only=False)
base = AutoModelForCausalLM.from_pretrained("gpt2").eval()
reference = mean_loss(base, data)
for adapter in sys.argv[1:]:
    tuned = PeftModel.from_pretrained(base, adapter)
    print(Report(adapter, reference, mean_loss(tuned, data)).row())
    base = tuned.unload()
