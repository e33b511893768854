"""Tree of adapters: each child was trained on the merged parent."""
import json

from peft import PeftModel
from transformers import AutoModelForCausalLM


def ancestors(name, tree):
    parent = tree.get(name)
    return [*ancestors(parent, tree), name] if parent else [name]


def build(chain, base_id):
    if not chain:
        return AutoModelForCausalLM.from_pretrained(base_id)
    *before, last = chain
    model = build(before, base_id)
    return PeftModel.from_pretrained(model, f"adapters/{last}").merge_and_unload()


def retry(function, times):
    try:
        return function()
    except OSError:
        if times <= 1:
            raise
        return retry(function, times - 1)


def main():
    with open("tree.json") as file:
        tree = json.load(file)
    model = retry(lambda: build(ancestors("medical-german", tree), "mistralai/Mistral-7B-v0.3"), 3)
    model.save_pretrained("merged/medical-german")


if __name__ == "__main__":
    main()
