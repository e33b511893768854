from dataclasses import dataclass, field, replace

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase


@dataclass
class Bundle:
    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    adapters: list[str] = field(default_factory=list)
    max_new_tokens: int = 64

    def add(self, path: str, name: str) -> None:
        self.model.load_adapter(path, adapter_name=name)
        self.model.set_adapter(name)
        self.adapters.append(name)


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
print(ask(bundle, "Once upon a time"))
bundle.add("out/gpt2-extra", "extra")
print(ask(replace(bundle, max_new_tokens=8), "Once upon a time"))
