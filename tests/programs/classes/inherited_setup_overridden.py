"""The subclass replaces the base class's setup, so that the model is wrapped once in each."""
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


class Experiment:
    base = "gpt2"

    def __init__(self, rank=8):
        self.rank = rank
        self.model = AutoModelForCausalLM.from_pretrained(self.base)
        self.setup()

    def setup(self):
        config = LoraConfig(r=self.rank, target_modules=["c_attn"], task_type="CAUSAL_LM")
        self.model = get_peft_model(self.model, config)

    def fit(self, batches, lr=1e-4):
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=lr)
        self.model.train()
        for batch in batches:
            self.model(**batch).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        self.model.save_pretrained(f"out/{type(self).__name__}")


class Continued(Experiment):
    def setup(self):
        self.model = PeftModel.from_pretrained(self.model, "out/Experiment", is_trainable=True)


batches = torch.load("batches.pt", weights_only=False)
for experiment in (Experiment, Continued):
    experiment().fit(batches)
