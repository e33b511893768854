# Score the same long document with several LoRA judges, re-using the prompt prefix.
import argparse
import copy

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

JUDGES = {"helpful": "judges/helpful", "harmless": "judges/harmless", "honest": "judges/honest"}


def load(base):
    tok = AutoTokenizer.from_pretrained(base)
    lm = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16).to("cuda")
    names = list(JUDGES)
    lm = PeftModel.from_pretrained(lm, JUDGES[names[0]], adapter_name=names[0])
    for n in names[1:]:
        lm.load_adapter(JUDGES[n], adapter_name=n)
    return tok, lm.eval()


@torch.inference_mode()
def judge(tok, lm, document):
    yes = tok(" Yes", add_special_tokens=False).input_ids[-1]
    no = tok(" No", add_special_tokens=False).input_ids[-1]
    prefix = tok(document, return_tensors="pt").to("cuda")
    question = tok("\nIs this reply acceptable?", add_special_tokens=False, return_tensors="pt").to("cuda")

    # the document is long, run it only once
    lm.set_adapter("helpful")
    cache = lm(**prefix, use_cache=True).past_key_values

    scores = {}
    for name in JUDGES:
        lm.set_adapter(name)
        out = lm(input_ids=question.input_ids, past_key_values=copy.deepcopy(cache))  # expect: PEFT301
        p = out.logits[0, -1, [yes, no]].float().softmax(-1)
        scores[name] = p[0].item()
    return scores


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("files", nargs="+")
    ap.add_argument("--base", default="meta-llama/Llama-3.1-8B-Instruct")
    args = ap.parse_args()
    tok, lm = load(args.base)
    for f in args.files:
        with open(f) as fh:
            print(f, judge(tok, lm, fh.read()))


if __name__ == "__main__":
    main()
