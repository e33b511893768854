from peft import PeftModelForCausalLM
from transformers import AutoModelForCausalLM


class LoggedPeft(PeftModelForCausalLM):
    def generate(self, *args, **kwargs):
        print("active:", self.active_adapter)
        return super().generate(*args, **kwargs)


model = LoggedPeft.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a", adapter_name="a")
model.load_adapter("adapters/b", adapter_name="b")
model.set_adapter("c")  # expect: PEFT106
model.generate(input_ids=ids)
