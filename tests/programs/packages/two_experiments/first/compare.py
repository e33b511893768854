"""Another program here saves the adapter of the name "default" into the folder, which is what is loaded."""
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer

plain = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), LoraConfig(r=4, target_modules=["c_attn"]))
Trainer(model=plain).train()
plain.save_pretrained("adapter-out")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "adapter-out")
model.eval()
print(model(torch.tensor([[1, 2, 3]])).logits.argmax(-1))
