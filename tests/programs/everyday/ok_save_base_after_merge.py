# Fold a LoRA into the base network and store it.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def fold(base_id, lora_id, out):
    base = AutoModelForCausalLM.from_pretrained(base_id, dtype=torch.bfloat16)
    merged = PeftModel.from_pretrained(base, lora_id).merge_and_unload()
    assert merged is base
    base.save_pretrained(out)
    AutoTokenizer.from_pretrained(base_id).save_pretrained(out)


fold("Qwen/Qwen2.5-0.5B", "adapters/poet", "merged/poet")
