"""Serve two LoRA adapters from one base model and print what each one answers."""
import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-2-7b-hf"
SQL = "./checkpoints/sql-lora"
CHAT = "./checkpoints/chat-lora"

device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16).to(device)

sql_config = PeftConfig.from_pretrained(SQL)
chat_config = PeftConfig.from_pretrained(CHAT)
model.add_adapter(sql_config, adapter_name="sql")  # expect: PEFT101
model.add_adapter(chat_config, adapter_name="chat")  # expect: PEFT101
model.eval()

prompt = "List all customers from Berlin."
inputs = tokenizer(prompt, return_tensors="pt").to(device)

for name in ("sql", "chat"):
    model.set_adapter(name)
    with torch.no_grad():
        out = model.generate(**inputs, max_new_tokens=64)
    print(f"--- {name}")
    print(tokenizer.decode(out[0], skip_special_tokens=True))
