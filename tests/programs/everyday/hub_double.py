# Generate product descriptions with the adapter the Trainer saved.
import argparse

import pandas as pd
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ADAPTER_DIR = "outputs/product-lora"  # adapter_config.json + adapter_model.safetensors


def get_model():
    model = AutoModelForCausalLM.from_pretrained(ADAPTER_DIR, dtype=torch.bfloat16, device_map="auto")
    model.load_adapter(ADAPTER_DIR)  # expect: PEFT111
    return model.eval()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("csv")
    ap.add_argument("--out", default="descriptions.csv")
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(ADAPTER_DIR)
    model = get_model()
    df = pd.read_csv(args.csv)
    texts = []
    for _, row in df.iterrows():
        prompt = f"Product: {row['name']}\nFeatures: {row['features']}\nDescription:"
        enc = tok(prompt, return_tensors="pt").to(model.device)
        with torch.no_grad():
            ids = model.generate(**enc, max_new_tokens=150, do_sample=False)
        texts.append(tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True).strip())
    df["description"] = texts
    df.to_csv(args.out, index=False)


if __name__ == "__main__":
    main()
