"""Share the encoded system prompt between the questions of one persona."""
import copy

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
questions = ["Who are you?", "What time is it?", "Where do you live?"]

with torch.no_grad():
    for persona in ("pirate", "butler"):
        model.set_adapter(persona)
        prefix = model(system, use_cache=True).past_key_values
        for text in questions:
            ids = tokenizer(text, return_tensors="pt").input_ids
            out = model(ids, past_key_values=copy.deepcopy(prefix))
            print(persona, text, tokenizer.decode(out.logits[0, -1].argmax()))
