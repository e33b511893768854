from peft import PeftModel
from transformers import AutoModelForCausalLM, pipeline, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/a", adapter_name="a")
model.load_adapter("adapters/b", "b")
model.add_weighted_adapter(["a", "b"], [0.7, 0.3], adapter_name="blend", combination_type="linear")  # expect: PEFT105
pipe = pipeline("text-generation", model=model, tokenizer=AutoTokenizer.from_pretrained("base"))
print(pipe("Hello"))
print(model.generate(input_ids=ids))
