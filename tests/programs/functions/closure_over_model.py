import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def make_completer(base_id, adapters):
    tokenizer = AutoTokenizer.from_pretrained(base_id)
    first, *rest = adapters
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(base_id), f"adapters/{first}", adapter_name=first
    )
    for name in rest:
        model.load_adapter(f"adapters/{name}", adapter_name=name)
    model.eval()

    def complete(text, style):
        model.set_adapter(style)
        batch = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            return tokenizer.decode(model.generate(**batch, max_new_tokens=40)[0], skip_special_tokens=True)

    def baseline(text):
        batch = tokenizer(text, return_tensors="pt")
        model.disable_adapter()  # expect: PEFT305
        with torch.no_grad():
            return tokenizer.decode(model.generate(**batch, max_new_tokens=40)[0], skip_special_tokens=True)

    return complete, baseline


complete, baseline = make_completer("gpt2-medium", ["formal", "casual"])
for line in ["Dear", "Hey", "To whom"]:
    print(complete(line, "formal"), complete(line, "casual"), baseline(line), sep="\n")
