from peft import PeftModel
from transformers import AutoModelForCausalLM


def load_all(base, paths):
    """All adapters in one model; who uses it says which."""
    items = iter(paths.items())
    name, path = next(items)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), path, adapter_name=name)
    for name, path in items:
        model.load_adapter(path, adapter_name=name)
    return model.eval()
