import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "adapter-out")
model.eval()
print(model(torch.tensor([[1, 2, 3]])).logits.argmax(-1))
