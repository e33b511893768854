# Blend two personality LoRAs and talk to the mixture.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base_id = "mistralai/Mistral-7B-Instruct-v0.2"
tok = AutoTokenizer.from_pretrained(base_id)
base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16, device_map="auto")

model = PeftModel.from_pretrained(base, "loras/pirate", adapter_name="pirate")
model.load_adapter("loras/professor", adapter_name="professor")

# 60 % pirate, 40 % professor
model.add_weighted_adapter(  # expect: PEFT105
    adapters=["pirate", "professor"],
    weights=[0.6, 0.4],
    adapter_name="pirate_professor",
    combination_type="linear",
)
model.eval()

questions = [
    "What is the capital of Portugal?",
    "Explain photosynthesis in two sentences.",
    "How do I tie a bowline?",
]
for q in questions:
    chat = [{"role": "user", "content": q}]
    text = tok.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    enc = tok(text, return_tensors="pt", add_special_tokens=False).to(model.device)
    with torch.inference_mode():
        out = model.generate(**enc, max_new_tokens=120, do_sample=True, temperature=0.8)
    print(f"Q: {q}\nA: {tok.decode(out[0][enc.input_ids.shape[1]:], skip_special_tokens=True)}\n")
