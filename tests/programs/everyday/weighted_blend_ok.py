from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/a", adapter_name="a")
model.load_adapter("adapters/b", "b")
model.add_weighted_adapter(["a", "b"], [0.7, 0.3], adapter_name="blend", combination_type="linear")
model.set_adapter("blend")
model.delete_adapter("a")
model.delete_adapter("b")
model.save_pretrained("out")
print(model.generate(input_ids=ids))
