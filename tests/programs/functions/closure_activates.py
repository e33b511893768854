"""The inner function switches; the loader alone would look as if it forgot to."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def make_completer(base_id, adapters):
    tokenizer = AutoTokenizer.from_pretrained(base_id)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), adapters["formal"], "formal")
    model.load_adapter(adapters["casual"], adapter_name="casual")
    model.load_adapter(adapters["rude"], adapter_name="rude")
    model.eval()

    def complete(text, style=None):
        batch = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            if style is None:
                with model.disable_adapter():
                    ids = model.generate(**batch, max_new_tokens=40)
            else:
                model.set_adapter(style)
                ids = model.generate(**batch, max_new_tokens=40)
        return tokenizer.decode(ids[0], skip_special_tokens=True)

    return complete


complete = make_completer("gpt2-medium", {"formal": "a/formal", "casual": "a/casual", "rude": "a/rude"})
for line in ["Dear", "Hey", "To whom"]:
    print(complete(line), complete(line, "formal"), complete(line, "casual"), sep="\n")
