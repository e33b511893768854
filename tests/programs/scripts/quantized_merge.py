import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

base_id = "meta-llama/Llama-2-13b-hf"
bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.float16)

base = AutoModelForCausalLM.from_pretrained(base_id, quantization_config=bnb, device_map="auto")
model = PeftModel.from_pretrained(base, "qlora-out")
model = model.merge_and_unload()  # expect: PEFT503
model.save_pretrained("qlora-merged")

# the same from the full-precision base
base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16, device_map="cpu")
model = PeftModel.from_pretrained(base, "qlora-out")
model = model.merge_and_unload()
model.save_pretrained("qlora-merged-bf16")
AutoTokenizer.from_pretrained(base_id).save_pretrained("qlora-merged-bf16")
