# Prefix caching for several judges: the document is encoded once per judge.
import copy
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

JUDGES = ["clarity", "tone", "facts"]
QUESTIONS = ["\nScore from 1 to 5:", "\nIs it good?"]

tok = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-1.5B")
net = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-1.5B").cuda()
model = PeftModel.from_pretrained(net, f"judges/{JUDGES[0]}", adapter_name=JUDGES[0])
for j in JUDGES[1:]:
    model.load_adapter(f"judges/{j}", adapter_name=j)
model.eval()


@torch.no_grad()
def grade(document):
    prefix = tok(document, return_tensors="pt").to("cuda")
    table = {}
    for judge in JUDGES:
        model.set_adapter(judge)
        cache = model(**prefix, use_cache=True).past_key_values
        for q in QUESTIONS:
            ids = tok(q, add_special_tokens=False, return_tensors="pt").input_ids.cuda()
            out = model(input_ids=ids, past_key_values=copy.deepcopy(cache))
            table[judge, q.strip()] = out.logits[0, -1].argmax().item()
    return {k: tok.decode([v]) for k, v in table.items()}


if __name__ == "__main__":
    print(grade(open(sys.argv[1]).read()))
