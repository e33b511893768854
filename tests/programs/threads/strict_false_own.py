import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

def make():
    return get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(r=8, task_type="CAUSAL_LM"))

model = make()
trainer_fit(model)
torch.save({k: v for k, v in model.state_dict().items() if "lora_" in k}, "lora.pt")
again = make()
again.load_state_dict(torch.load("lora.pt"), strict=False)
print(again.generate(input_ids=ids))
