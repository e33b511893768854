from dataclasses import dataclass

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase


@dataclass
class Bundle:
    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    name: str = ""


def load_bundle(path: str) -> Bundle:
    base = AutoModelForCausalLM.from_pretrained("base")
    model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))
    return Bundle(model=model, tokenizer=AutoTokenizer.from_pretrained("base"), name=path)


def answer(bundle: Bundle, q: str) -> str:
    ids = bundle.tokenizer(q, return_tensors="pt")
    return bundle.tokenizer.decode(bundle.model.generate(**ids)[0])


if __name__ == "__main__":
    print(answer(load_bundle("adapters/support"), "where is my parcel?"))  # expect: PEFT201
