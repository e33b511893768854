# Route each question to one of several LoRA experts held in a dict.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

BASE_ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
EXPERTS = {
    "code": "experts/code-lora",
    "math": "experts/math-lora",
    "others": "experts/general-lora",
}

tokenizer = AutoTokenizer.from_pretrained(BASE_ID)
base_model = AutoModelForCausalLM.from_pretrained(BASE_ID, dtype=torch.bfloat16, device_map="cuda:0")

models = {}
for name, path in EXPERTS.items():
    models[name] = PeftModel.from_pretrained(base_model, path)  # expect: PEFT104
    models[name].eval()
    print("loaded", name)

router = pipeline("zero-shot-classification", model="facebook/bart-large-mnli", device=0)


def route(question: str) -> str:
    res = router(question, candidate_labels=list(EXPERTS))
    return res["labels"][0]


@torch.no_grad()
def answer(question: str) -> str:
    expert = route(question)
    model = models[expert]
    enc = tokenizer(question, return_tensors="pt").to("cuda:0")
    out = model.generate(**enc, max_new_tokens=150)
    return f"[{expert}] " + tokenizer.decode(out[0, enc.input_ids.shape[1]:], skip_special_tokens=True)


if __name__ == "__main__":
    while True:
        q = input("> ")
        if q in ("q", "quit", "exit"):
            break
        print(answer(q))
