"""Restore an adapter into a wrapper made by hand and answer a list of questions."""
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("facebook/opt-350m")
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model.eval()

config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.1, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)  # expect: PEFT409
set_peft_model_state_dict(model, load_file("out/opt-faq/adapter_model.safetensors"))

for question in open("questions.txt"):
    batch = tokenizer(question, return_tensors="pt")
    with torch.no_grad():
        ids = model.generate(**batch, max_new_tokens=60, do_sample=False)
    print(question.strip(), "->", tokenizer.decode(ids[0], skip_special_tokens=True))
