from peft import PeftModel
from transformers import AutoModelForCausalLM


class Adapted:
    """with Adapted(base, path) as model: ..."""

    def __init__(self, base, path):
        self.base, self.path = base, path

    def __enter__(self):
        self.model = PeftModel.from_pretrained(self.base, self.path)
        return self.model

    def __exit__(self, *exc):
        self.model.unload()
        return False


def main(batch):
    base = AutoModelForCausalLM.from_pretrained("base")
    for path in ("adapters/a", "adapters/b"):
        with Adapted(base, path) as model:
            print(model(**batch).logits.mean())
    return base(**batch)
