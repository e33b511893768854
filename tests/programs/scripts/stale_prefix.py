"""Share the encoded system prompt between two personas."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "HuggingFaceTB/SmolLM2-360M"
tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
model = PeftModel.from_pretrained(model, "personas/pirate", adapter_name="pirate")
model.load_adapter("personas/butler", adapter_name="butler")
model.eval()

system = tokenizer("You are a helpful assistant. " * 40, return_tensors="pt").input_ids
question = tokenizer("Who are you?", return_tensors="pt").input_ids

with torch.no_grad():
    prefix = model(system, use_cache=True).past_key_values
    model.set_adapter("butler")
    out = model(question, past_key_values=prefix)  # expect: PEFT301
    print(tokenizer.decode(out.logits[0, -1].argmax()))
