"""What only an old Python would run is not run; what the newer ones run is."""
import sys

from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/chat")
if sys.version_info < (3, 0):
    model.disable_adapter()
if sys.version_info[0] == 2 or sys.version_info.major < 3:
    model.disable_adapter()
if sys.version_info[:2] <= (3, 6):
    raise SystemExit("needs a newer Python")

if sys.version_info >= (3, 10):
    model.disable_adapter()  # expect: PEFT305
else:
    with model.disable_adapter():
        print(model.generate(input_ids=None))
