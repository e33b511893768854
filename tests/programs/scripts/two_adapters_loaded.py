"""Serve two LoRA adapters from one base model and print what each one answers."""
import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

SQL = "./checkpoints/sql-lora"
CHAT = "./checkpoints/chat-lora"

# the base model is named in the adapter's own config
base_name = PeftConfig.from_pretrained(SQL).base_model_name_or_path
assert base_name == PeftConfig.from_pretrained(CHAT).base_model_name_or_path

device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(base_name)
model = AutoModelForCausalLM.from_pretrained(base_name, dtype=torch.bfloat16).to(device)

model.load_adapter(SQL, adapter_name="sql")
model.load_adapter(CHAT, adapter_name="chat")
model.eval()

prompt = "List all customers from Berlin."
inputs = tokenizer(prompt, return_tensors="pt").to(device)

for name in ("sql", "chat"):
    model.set_adapter(name)
    with torch.no_grad():
        out = model.generate(**inputs, max_new_tokens=64)
    print(f"--- {name}")
    print(tokenizer.decode(out[0], skip_special_tokens=True))
