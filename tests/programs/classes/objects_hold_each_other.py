"""A session and its view know each other; the switch in between is still followed."""

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class View:
    def __init__(self, session):
        self.session = session
        self.lines = []

    def show(self, text):
        self.lines.append(text)


class Session:
    def __init__(self, base, adapter):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.view = View(self)
        self.steps = [self.view, self]
        self.settings = {"owner": self, "adapter": adapter}
        model = AutoModelForCausalLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(model, adapter, adapter_name="first")


def main():
    session = Session("org/base", "runs/first")
    session.model.load_adapter("runs/second", adapter_name="second")  # expect: PEFT105
    if session.settings["adapter"]:
        session.view.show("loaded")
    inputs = session.tokenizer("Hello", return_tensors="pt")
    output = session.model.generate(**inputs)
    session.view.show(session.tokenizer.decode(output[0]))


main()
