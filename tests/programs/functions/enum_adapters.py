from enum import Enum

from peft import PeftModel
from transformers import AutoModelForCausalLM


class Style(str, Enum):
    FORMAL = "formal"
    CASUAL = "casual"


model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/formal", adapter_name=Style.FORMAL.value)
model.load_adapter("adapters/casual", adapter_name=Style.CASUAL.value)
for style in Style:
    model.set_adapter(style.value)
    print(style, model.generate(input_ids=ids))
