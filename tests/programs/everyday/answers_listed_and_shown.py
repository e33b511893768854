"""Lists of answers are shown side by side, and compared with what is wanted, not with each other."""

from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

WANTED = {"Capital of France?": "Paris", "2 + 2 =": "4"}


def ask(model, tokenizer):
    texts = []
    for question in WANTED:
        inputs = tokenizer(question, return_tensors="pt")
        texts.append(tokenizer.decode(model.generate(**inputs, max_new_tokens=5)[0]))
    return texts


tokenizer = AutoTokenizer.from_pretrained("runs/qa")
model = AutoPeftModelForCausalLM.from_pretrained("runs/qa")
tuned = ask(model, tokenizer)
with model.disable_adapter():
    plain = ask(model, tokenizer)
for question, before, after in zip(WANTED, plain, tuned):
    print(question, before, after, sep="\t")
print("all right:", tuned == list(WANTED.values()))
