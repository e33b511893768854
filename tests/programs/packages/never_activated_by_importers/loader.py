from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("m")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("m"), "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")  # expect: PEFT105


def answer(text):
    return model.generate(**tokenizer(text, return_tensors="pt"))
