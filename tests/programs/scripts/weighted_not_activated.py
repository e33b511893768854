"""Blend three style adapters and sample from the blend."""
import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

adapters = {"haiku": 0.5, "sonnet": 0.3, "limerick": 0.2}
folder = "adapters"

config = PeftConfig.from_pretrained(f"{folder}/haiku")
tokenizer = AutoTokenizer.from_pretrained(config.base_model_name_or_path)
model = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
model = PeftModel.from_pretrained(model, f"{folder}/haiku", adapter_name="haiku")
for name in ("sonnet", "limerick"):
    model.load_adapter(f"{folder}/{name}", adapter_name=name)

model.add_weighted_adapter(  # expect: PEFT105
    adapters=list(adapters),
    weights=list(adapters.values()),
    adapter_name="blend",
    combination_type="linear",
)

model.eval()
prompt = tokenizer("The sea at night", return_tensors="pt")
with torch.no_grad():
    for seed in range(3):
        torch.manual_seed(seed)
        ids = model.generate(**prompt, do_sample=True, temperature=0.9, max_new_tokens=60)
        print(tokenizer.decode(ids[0], skip_special_tokens=True), end="\n\n")
