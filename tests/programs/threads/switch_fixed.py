"""Switching between two LoRAs, second attempt (after the answer in the issue): load_adapter instead of add_adapter."""
import torch
from peft import get_model_status
from transformers import AutoModelForCausalLM, AutoTokenizer

peft_model_output_dir1 = "out/task1"
peft_model_output_dir2 = "out/task2"
name = "meta-llama/Llama-3.2-1B"

tokenizer = AutoTokenizer.from_pretrained(name)
base_model = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.float32)
inputs = tokenizer("The capital of France", return_tensors="pt")

with torch.no_grad():
    plain = base_model(**inputs).logits

base_model.load_adapter(peft_model_output_dir1, adapter_name="adapter_1")
base_model.load_adapter(peft_model_output_dir2, adapter_name="adapter_2")


def logits_of(n):
    base_model.set_adapter(n)
    print(n, "active:", base_model.active_adapters())
    with torch.no_grad():
        return base_model(**inputs).logits


a1, a2 = logits_of("adapter_1"), logits_of("adapter_2")
assert not torch.allclose(plain, a1)
assert not torch.allclose(a1, a2)
print(get_model_status(base_model))

base_model.disable_adapters()
with torch.no_grad():
    assert torch.allclose(base_model(**inputs).logits, plain, atol=1e-5)
base_model.enable_adapters()
base_model.set_adapter("adapter_1")
print(tokenizer.decode(base_model.generate(**inputs, max_new_tokens=20)[0]))
