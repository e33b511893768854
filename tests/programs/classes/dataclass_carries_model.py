from dataclasses import dataclass, field

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase


@dataclass
class Bundle:
    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    adapters: list[str] = field(default_factory=list)
    max_new_tokens: int = 64


def load(base_id: str, adapter: str) -> Bundle:
    base = AutoModelForCausalLM.from_pretrained(base_id)
    return Bundle(
        model=PeftModel.from_pretrained(base, adapter, adapter_name="main"),
        tokenizer=AutoTokenizer.from_pretrained(base_id),
        adapters=["main"],
    )


def ask(bundle: Bundle, text: str) -> str:
    batch = bundle.tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        ids = bundle.model.generate(**batch, max_new_tokens=bundle.max_new_tokens)
    return bundle.tokenizer.decode(ids[0])


bundle = load("gpt2", "out/gpt2-main")
bundle.model.set_adapter(["main"])  # expect: PEFT801
print(ask(bundle, "Once upon a time"))

bundle.model = PeftModel.from_pretrained(bundle.model, "out/gpt2-extra", adapter_name="extra")  # expect: PEFT103
print(ask(bundle, "Once upon a time"))
