from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def _load(adapter):
    base = AutoModelForCausalLM.from_pretrained("base")
    return base, PeftModel.from_pretrained(base, adapter), AutoTokenizer.from_pretrained("base")


def compare(args):
    base, model, tok = _load(args.adapter)
    ids = tok("Hello", return_tensors="pt")
    print("base :", tok.decode(base.generate(**ids)[0]))  # expect: PEFT112
    print("tuned:", tok.decode(model.generate(**ids)[0]))


def merge(args):
    _, model, tok = _load(args.adapter)
    merged = model.merge_and_unload()
    merged.save_pretrained("merged")
    tok.save_pretrained("merged")
