import torch
from peft import LoraConfig, get_peft_model
from tuner import build_model, fit
from tuner.settings import Settings

settings = Settings(rank=16)
model = build_model(settings)
model = get_peft_model(model, LoraConfig(r=16, target_modules=["c_attn"], task_type="CAUSAL_LM"))  # expect: PEFT103
fit(model, torch.load("batches.pt", weights_only=False), settings)
model.save_pretrained("out/run")
