# Check that the two adapters really differ.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"
tok = AutoTokenizer.from_pretrained(BASE)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "adapters/formal", adapter_name="formal")
model.load_adapter("adapters/casual", adapter_name="casual")


@torch.no_grad()
def answer(prompt):
    ids = tok(prompt, return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=40, do_sample=False)
    return tok.decode(out[0], skip_special_tokens=True)


prompt = "Dear customer,"
model.set_adapter("formal")
formal = answer(prompt)
model.set_adapter("casual")
casual = answer(prompt)

print("formal:", formal)
print("casual:", casual)
assert formal != casual, "adapters produce the same output"  # expect: PEFT601
