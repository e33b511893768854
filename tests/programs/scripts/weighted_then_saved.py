"""Blend style adapters; the blend is only written to disk, nothing is generated here."""
import argparse
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--base", required=True)
parser.add_argument("--adapters", nargs="+", required=True)
parser.add_argument("--weights", nargs="+", type=float)
parser.add_argument("--out", default="blend")
args = parser.parse_args()

weights = args.weights or [1 / len(args.adapters)] * len(args.adapters)
if len(weights) != len(args.adapters):
    parser.error("as many weights as adapters, please")

model = AutoModelForCausalLM.from_pretrained(args.base, device_map="cpu")
names = []
for number, path in enumerate(args.adapters):
    name = f"part{number}"
    if number == 0:
        model = PeftModel.from_pretrained(model, path, adapter_name=name)
    else:
        model.load_adapter(path, adapter_name=name)
    names.append(name)

model.add_weighted_adapter(names, weights, "blend", combination_type="svd")
model.save_pretrained(args.out, selected_adapters=["blend"])
print("wrote", os.path.join(args.out, "blend"))
