# Watch a training run and always serve its newest adapter.
import argparse
import time
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def newest(run):
    found = [p for p in Path(run).glob("checkpoint-*") if (p / "adapter_config.json").exists()]
    return max(found, key=lambda p: int(p.name.split("-")[1])) if found else None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("run")
    ap.add_argument("--base", default="Qwen/Qwen2.5-0.5B")
    ap.add_argument("--every", type=int, default=120)
    args = ap.parse_args()

    tok = AutoTokenizer.from_pretrained(args.base)
    net = AutoModelForCausalLM.from_pretrained(args.base).to("cuda")
    current = newest(args.run)
    model = PeftModel.from_pretrained(net, str(current), adapter_name="fixed")
    model.load_adapter(str(current), adapter_name="live")
    model.set_adapter("live")

    while True:
        enc = tok("In my opinion,", return_tensors="pt").to("cuda")
        with torch.inference_mode():
            ids = model.generate(**enc, max_new_tokens=40)
        print(current.name, "|", tok.decode(ids[0], skip_special_tokens=True))
        time.sleep(args.every)
        latest = newest(args.run)
        if latest != current:
            model.set_adapter("fixed")
            model.delete_adapter("live")
            model.load_adapter(str(latest), adapter_name="live")
            model.set_adapter("live")
            current = latest


if __name__ == "__main__":
    main()
