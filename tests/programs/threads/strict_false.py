import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(r=8, task_type="CAUSAL_LM"))
state = torch.load("out/adapter_model.bin", map_location="cpu")
model.load_state_dict(state, strict=False)  # expect: PEFT109
model.eval()
print(model.generate(input_ids=ids))
