from peft import PeftModel
from transformers import AutoModelForCausalLM


def stack(model, paths):
    """Merges the adapters one after the other."""
    if not paths:
        return model
    model = PeftModel.from_pretrained(model, paths[0])
    return stack(model.merge_and_unload(), paths[1:])


if __name__ == "__main__":
    merged = stack(AutoModelForCausalLM.from_pretrained("base"), ["adapters/a", "adapters/b"])
    merged.save_pretrained("merged")
