import functools
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        print(f"{function.__name__}: {time.perf_counter() - start:.1f} s")
        return result

    return wrapper


@timed
def load(base_id, adapter):
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), adapter)


@timed
@torch.inference_mode()
def sample(model, tokenizer, text):
    return tokenizer.decode(model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=20)[0])


@timed
def export(model, folder):
    model.merge_and_unload(safe_merge=True)  # expect: PEFT501
    model.save_pretrained(folder)


tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = load("gpt2", "out/gpt2-news")
print(sample(model, tokenizer, "Yesterday"))
export(model, "out/gpt2-news-merged")
