from paths import ADAPTER_DIR, BASE
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def generate(prompt):
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), ADAPTER_DIR)
    ids = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=120, do_sample=True)
    return tokenizer.decode(ids[0], skip_special_tokens=True)
