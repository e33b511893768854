"""The base class wraps the model; the subclass does it once more."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Experiment:
    base = "gpt2"

    def __init__(self, rank=8):
        self.rank = rank
        self.model = AutoModelForCausalLM.from_pretrained(self.base)
        self.setup()

    def lora(self):
        return LoraConfig(r=self.rank, target_modules=["c_attn"], task_type="CAUSAL_LM")

    def setup(self):
        self.model = get_peft_model(self.model, self.lora())

    def fit(self, batches, lr=1e-4):
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=lr)
        self.model.train()
        for batch in batches:
            self.model(**batch).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


class WideExperiment(Experiment):
    def lora(self):
        return LoraConfig(r=4 * self.rank, target_modules=["c_attn", "c_proj"], task_type="CAUSAL_LM")

    def setup(self):
        super().setup()
        self.model = get_peft_model(self.model, self.lora())  # expect: PEFT103


WideExperiment().fit(torch.load("batches.pt", weights_only=False))
