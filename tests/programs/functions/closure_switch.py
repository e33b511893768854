from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def make_generator(base_name, adapters):
    tok = AutoTokenizer.from_pretrained(base_name)
    model = None
    for name, path in adapters.items():
        if model is None:
            model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_name), path, adapter_name=name)
        else:
            model.load_adapter(path, adapter_name=name)

    def generate(text, adapter):
        model.set_adapter(adapter)
        return tok.decode(model.generate(**tok(text, return_tensors="pt"))[0])

    return generate


gen = make_generator("base", {"a": "adapters/a", "b": "adapters/b"})
print(gen("hello", "a"))
print(gen("hello", "b"))
