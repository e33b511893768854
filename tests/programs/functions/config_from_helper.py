import os

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

BASE = os.environ.get("BASE_MODEL", "bigscience/bloom-560m")


def read_config(run_dir):
    for candidate in ("final", "last", ""):
        path = os.path.join(run_dir, candidate)
        if os.path.exists(os.path.join(path, "adapter_config.json")):
            return LoraConfig.from_pretrained(path)
    raise FileNotFoundError(run_dir)


def restore(run_dir):
    base = AutoModelForCausalLM.from_pretrained(BASE)
    return get_peft_model(base, read_config(run_dir))  # expect: PEFT102


def tagger(run_dir):
    model = restore(run_dir).eval()
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    return pipeline("text-generation", model=model, tokenizer=tokenizer)


if __name__ == "__main__":
    tag = tagger("runs/tagger")
    print(tag("paragraph: The Large Hadron Collider ... tags:", max_new_tokens=16))
