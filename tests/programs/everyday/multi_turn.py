# Multi-turn chat that hands over between two personas in the same conversation.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

MODEL_ID = "Qwen/Qwen2.5-3B-Instruct"

tokenizer = AutoTokenizer.from_pretrained(MODEL_ID)
base = AutoModelForCausalLM.from_pretrained(MODEL_ID, dtype=torch.bfloat16, device_map="cuda")
model = PeftModel.from_pretrained(base, "personas/support", adapter_name="support")
model.load_adapter("personas/sales", adapter_name="sales")
model.eval()

past_key_values = DynamicCache()
messages = [{"role": "system", "content": "You work for a bike shop."}]


def turn(user_text):
    messages.append({"role": "user", "content": user_text})
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    inputs = tokenizer(text, return_tensors="pt", add_special_tokens=False).to("cuda")
    outputs = model.generate(**inputs, past_key_values=past_key_values, max_new_tokens=256, do_sample=False)  # expect: PEFT301
    completion = tokenizer.decode(outputs[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True)
    messages.append({"role": "assistant", "content": completion})
    return completion


model.set_adapter("support")
print("support:", turn("My chain keeps falling off."))
print("support:", turn("It happens when I go uphill."))
model.set_adapter("sales")
print("sales:", turn("Maybe I just need a new bike?"))
