"""Load config + tensors separately because the checkpoint comes from our own (s3) store."""
import io

import boto3
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

BUCKET, KEY = "models", "lora/summary/v7"
s3 = boto3.client("s3")


def fetch(name):
    buf = io.BytesIO()
    s3.download_fileobj(BUCKET, f"{KEY}/{name}", buf)
    return buf.getvalue()


def build():
    with open("/tmp/adapter_config.json", "wb") as f:
        f.write(fetch("adapter_config.json"))
    config = LoraConfig.from_pretrained("/tmp")
    model = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, torch_dtype=torch.bfloat16, device_map="auto")
    model = get_peft_model(model, config)
    result = set_peft_model_state_dict(model, load(fetch("adapter_model.safetensors")))
    if result.unexpected_keys:
        raise RuntimeError(f"{len(result.unexpected_keys)} keys not used")
    model.eval()
    return model, AutoTokenizer.from_pretrained(config.base_model_name_or_path)


if __name__ == "__main__":
    model, tok = build()
    text = open("article.txt").read()
    ids = tok(f"{text}\n\nTL;DR:", return_tensors="pt", truncation=True, max_length=2048).to(model.device)
    print(tok.decode(model.generate(**ids, max_new_tokens=100)[0], skip_special_tokens=True))
