import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
batch = tokenizer("Hello", return_tensors="pt")

integrated = AutoModelForCausalLM.from_pretrained("gpt2")
integrated.load_adapter("out/a", adapter_name="a")
integrated.load_adapter("out/b", adapter_name="b")
integrated.set_adapter(["a", "b"])
with torch.no_grad():
    print(integrated(**batch).logits.mean())

wrapped = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/a", adapter_name="a")
wrapped.load_adapter("out/b", adapter_name="b")
wrapped.base_model.set_adapter(["a", "b"])
with torch.no_grad():
    print(wrapped(**batch).logits.mean())

try:
    wrapped.set_adapter(["a", "b"])
except TypeError as error:
    print(error)

integrated.merge_and_unload()  # expect: PEFT801
