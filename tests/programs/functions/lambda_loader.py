import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

load = lambda name: AutoModelForCausalLM.from_pretrained(name)  # noqa: E731
lora = lambda model, r: get_peft_model(model, LoraConfig(r=r, target_modules=["c_attn"], task_type="CAUSAL_LM"))  # noqa: E731

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = load("gpt2")
model = lora(model, 8)
model.eval()

sentence = tokenizer("What a day", return_tensors="pt")
with torch.no_grad():
    generated = model.generate(**sentence, max_new_tokens=20, do_sample=False)  # expect: PEFT201
print("fine-tuned model says:", tokenizer.decode(generated[0]))
