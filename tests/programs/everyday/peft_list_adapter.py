# Use a language adapter and a domain adapter together.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "bigscience/bloom-560m"
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = AutoModelForCausalLM.from_pretrained(NAME)
model = PeftModel.from_pretrained(model, "adapters/swahili", adapter_name="swahili")
model.load_adapter("adapters/news", adapter_name="news")
model.set_adapter(["swahili", "news"])  # expect: PEFT801
model.eval()

enc = tokenizer("Habari za leo:", return_tensors="pt")
with torch.no_grad():
    out = model.generate(**enc, max_new_tokens=50)
print(tokenizer.decode(out[0], skip_special_tokens=True))
