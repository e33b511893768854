# Story generator, hot loading LoRAs directly in transformers (no PeftModel)
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TextStreamer

MODEL = "mistralai/Mistral-7B-Instruct-v0.2"
LORA_HORROR = os.environ.get("LORA_HORROR", "loras/horror")
LORA_ROMANCE = os.environ.get("LORA_ROMANCE", "loras/romance")

tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForCausalLM.from_pretrained(MODEL, torch_dtype=torch.float16, device_map="auto")
streamer = TextStreamer(tokenizer, skip_prompt=True)


def tell(prompt, n=300):
    chat = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], return_tensors="pt", return_dict=True, add_generation_prompt=True)
    model.generate(**chat.to(model.device), max_new_tokens=n, streamer=streamer, do_sample=True, top_p=0.9)


prompt = sys.argv[1] if len(sys.argv) > 1 else "A house at the lake."

model.load_adapter(LORA_HORROR)
print("=== horror ===")
tell(prompt)

model.load_adapter(LORA_ROMANCE)  # expect: PEFT107
print("=== romance ===")
tell(prompt)
