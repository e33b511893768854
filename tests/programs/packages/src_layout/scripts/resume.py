import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
from tuner import fit
from tuner.settings import Settings

settings = Settings()
base = AutoModelForCausalLM.from_pretrained(settings.base)
model = PeftModel.from_pretrained(base, "out/run", is_trainable=True)
fit(model, torch.load("more.pt", weights_only=False), settings)
model.save_pretrained("out/run2")
