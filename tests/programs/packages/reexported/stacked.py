from lora import attach
from transformers import AutoModelForCausalLM

model = attach(AutoModelForCausalLM.from_pretrained("gpt2"), "out/a")
model = attach(model, "out/b", name="b")  # expect: PEFT103
model.eval()
model.save_pretrained("out/both")
