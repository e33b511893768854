from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(adapter, base="gpt2", train=False):
    model = AutoModelForCausalLM.from_pretrained(base)
    return PeftModel.from_pretrained(model, adapter, is_trainable=train)


def tokenizer_for(base="gpt2"):
    return AutoTokenizer.from_pretrained(base, pad_token="<|endoftext|>")
