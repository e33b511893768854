# Different ways of activating several adapters at once.
import sys

import torch
from peft import PeftMixedModel, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "facebook/opt-125m"
tok = AutoTokenizer.from_pretrained(NAME)


def fresh():
    return AutoModelForCausalLM.from_pretrained(NAME)


def tuner_level():
    model = PeftModel.from_pretrained(fresh(), "adapters/a", adapter_name="first")
    model.load_adapter("adapters/b", adapter_name="second")
    model.base_model.set_adapter(["first", "second"])
    return model


def mixed():
    model = PeftMixedModel.from_pretrained(fresh(), "adapters/a", adapter_name="first")
    model.load_adapter("adapters/loha", adapter_name="second")
    model.set_adapter(["first", "second"])
    return model.eval()


def integration():
    model = fresh()
    model.load_adapter("adapters/a", adapter_name="first")
    model.load_adapter("adapters/b", adapter_name="second")
    model.set_adapter(["first", "second"])
    return model


model = {"tuner": tuner_level, "mixed": mixed, "hf": integration}[sys.argv[1]]()
with torch.no_grad():
    print(model(**tok("hello", return_tensors="pt")).logits[0, -1, :5])
