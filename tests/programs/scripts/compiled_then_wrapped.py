import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.set_float32_matmul_precision("high")
name = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16, device_map="cuda")
model = torch.compile(model, mode="reduce-overhead")
model = PeftModel.from_pretrained(model, "out/llama-notes")  # expect: PEFT304
model.eval()

with torch.inference_mode():
    for line in open("prompts.txt"):
        batch = tokenizer(line, return_tensors="pt").to("cuda")
        print(tokenizer.decode(model.generate(**batch, max_new_tokens=64)[0]))
