import lora
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
batch = tokenizer("Hello", return_tensors="pt")
model = AutoModelForCausalLM.from_pretrained("gpt2").eval()

with torch.no_grad():
    print("base    ", model(**batch).logits.mean().item())
    model = lora.attach(model, "out/a")
    print("a       ", model(**batch).logits.mean().item())
    model = lora.detach(model)
    model = lora.attach_adapter(model, "out/b")
    print("b       ", model(**batch).logits.mean().item())
    model = lora.detach(model, merge=True)
    model = lora.attach(model, "out/c")
    print("b plus c", model(**batch).logits.mean().item())
