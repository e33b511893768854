"""Smoke test after training: the adapter must change what the model computes."""
import torch
from peft import PeftModel, get_model_status
from transformers import AutoModelForCausalLM, AutoTokenizer

base_id = "facebook/opt-350m"
tokenizer = AutoTokenizer.from_pretrained(base_id)
model = AutoModelForCausalLM.from_pretrained(base_id)
model = PeftModel.from_pretrained(model, "out/opt-quotes")
model.eval()

print(get_model_status(model))
inputs = tokenizer("Two things are infinite: ", return_tensors="pt")

with torch.no_grad():
    adapted = model(**inputs).logits
    with model.disable_adapter():
        plain = model(**inputs).logits

if torch.allclose(adapted, plain):
    raise SystemExit("the adapter has no effect")
print("largest difference", (adapted - plain).abs().max().item())

# the prompt itself comes back in the text
text = tokenizer.decode(model.generate(**inputs, max_new_tokens=30)[0], skip_special_tokens=True)
assert text.startswith("Two things are infinite")
