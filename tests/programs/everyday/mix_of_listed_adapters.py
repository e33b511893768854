import json
import sys

from peft import PeftModel
from transformers import AutoModelForCausalLM

recipe = json.load(open(sys.argv[1]))
head, *tail = recipe["parts"]
model = PeftModel.from_pretrained(
    AutoModelForCausalLM.from_pretrained(recipe["base"]), head["folder"], adapter_name=head["name"]
)
for part in tail:
    model.load_adapter(part["folder"], adapter_name=part["name"])
model.add_weighted_adapter(  # expect: PEFT105
    [part["name"] for part in recipe["parts"]],
    [part["share"] for part in recipe["parts"]],
    "blend",
    combination_type="dare_ties",
    density=0.4,
)
whole = model.merge_and_unload()
whole.save_pretrained(recipe["out"])
