import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.set_float32_matmul_precision("high")
name = "meta-llama/Llama-3.2-1B"
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16, device_map="cuda")
model = PeftModel.from_pretrained(model, "out/llama-notes", adapter_name="notes")
model.load_adapter("out/llama-mails", adapter_name="mails")
model.eval()
compiled = torch.compile(model)

with torch.inference_mode():
    for adapter in ("notes", "mails"):
        model.set_adapter(adapter)  # recompiles, and is right
        for line in open("prompts.txt"):
            batch = tokenizer(line, return_tensors="pt").to("cuda")
            print(adapter, compiled(**batch).logits[0, -1].argmax().item())
        model.merge_adapter()
        print(compiled(**batch).logits.mean().item())
        model.unmerge_adapter()
