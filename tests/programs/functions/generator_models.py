from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

ADAPTERS = {"math": "adapters/math", "code": "adapters/code"}


def variants(base):
    """Yields a tuned model per adapter, on one base."""
    for name, path in ADAPTERS.items():
        yield name, PeftModel.from_pretrained(base, path)


def collect():
    base = AutoModelForCausalLM.from_pretrained("base")
    models = dict(variants(base))
    tok = AutoTokenizer.from_pretrained("base")
    ids = tok("2+2=", return_tensors="pt")
    a = models["math"].generate(**ids)
    b = models["code"].generate(**ids)
    return a, b
