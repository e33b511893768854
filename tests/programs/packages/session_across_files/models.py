from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def actors(base="gpt2"):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "roles/romeo", adapter_name="romeo")
    model.load_adapter("roles/juliet", adapter_name="juliet")
    return model.eval(), AutoTokenizer.from_pretrained(base)
