# Produce a standalone model from a QLoRA run.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

base_id = "meta-llama/Llama-2-7b-hf"
bnb_config = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_compute_dtype=torch.bfloat16,
    bnb_4bit_use_double_quant=True,
)
base = AutoModelForCausalLM.from_pretrained(base_id, quantization_config=bnb_config, device_map="auto")
model = PeftModel.from_pretrained(base, "results/llama2-qlora/final_checkpoint")
model = model.merge_and_unload()  # expect: PEFT503
model.save_pretrained("results/llama2-merged")
AutoTokenizer.from_pretrained(base_id).save_pretrained("results/llama2-merged")
