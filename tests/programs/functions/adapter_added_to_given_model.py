"""A helper that is given a model; nothing ever gives the adapter its weights."""

from peft import PeftConfig

from myproject.models import load_model


def answer(model, text):
    model.add_adapter("math", PeftConfig.from_pretrained("adapters/math"))  # expect: PEFT101
    model.eval()
    model.set_adapter("math")
    return model.generate(text)


def serve():
    model = load_model("base")
    model.add_adapter("code", PeftConfig.from_pretrained("adapters/code"))  # expect: PEFT101
    model.set_adapter("code")
    print(model.num_parameters())
    return model.generate("def f(")
