from pathlib import Path

from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
if (path := Path("adapters/chat")).exists():
    model = PeftModel.from_pretrained(base, path)
    print([type(m).__name__ for m in (base, model)])
    with model.disable_adapter():
        reference = [model(**b).logits for b in batches]
    tuned = [model(**b).logits for b in batches]
