import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tok = AutoTokenizer.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
llm = AutoModelForCausalLM.from_pretrained("TinyLlama/TinyLlama-1.1B-Chat-v1.0")
model = PeftModel.from_pretrained(llm, "exp/stage2/lora")
with torch.no_grad():
    print(tok.decode(model.generate(**tok("USER: transcribe the speech.\nASSISTANT:", return_tensors="pt"), max_new_tokens=30)[0]))
