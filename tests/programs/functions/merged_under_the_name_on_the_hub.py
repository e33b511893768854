"""A server merges what it has fetched, into a folder of the name that the adapter has on the hub: it is made for that."""
import os

from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer


def download_and_merge(model_id, revision):
    model = AutoPeftModelForCausalLM.from_pretrained(model_id, revision=revision)
    base_model_id = model.peft_config["default"].base_model_name_or_path
    model = model.merge_and_unload()
    os.makedirs(model_id, exist_ok=True)
    cache_dir = model_id
    model.save_pretrained(cache_dir)
    AutoTokenizer.from_pretrained(base_model_id).save_pretrained(cache_dir)


def merge_in_place(folder):
    os.makedirs(folder, exist_ok=True)
    model = AutoPeftModelForCausalLM.from_pretrained(folder)
    model = model.merge_and_unload()
    model.save_pretrained(folder)  # expect: PEFT505
