from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "base"
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(NAME), "tenants/a", adapter_name="a")
model.load_adapter("tenants/b", adapter_name="b")
model.eval()
