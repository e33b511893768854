from functools import lru_cache

from transformers import AutoModelForCausalLM


@lru_cache(maxsize=2)
def load_base(name):
    return AutoModelForCausalLM.from_pretrained(name, device_map="auto")
