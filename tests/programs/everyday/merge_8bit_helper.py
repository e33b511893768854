# Merge script with separate loading helpers.
import argparse

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig


def load_base(name):
    cfg = BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=6.0)
    return AutoModelForCausalLM.from_pretrained(name, quantization_config=cfg, device_map="auto")


def load_lora(base, path):
    lora = PeftModel.from_pretrained(base, path)
    lora.eval()
    return lora


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("base")
    cli.add_argument("lora")
    cli.add_argument("out")
    ns = cli.parse_args()
    lora = load_lora(load_base(ns.base), ns.lora)
    merged = lora.merge_and_unload()  # expect: PEFT503
    merged.save_pretrained(ns.out, max_shard_size="4GB")
    AutoTokenizer.from_pretrained(ns.base).save_pretrained(ns.out)
