import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "out/formal", adapter_name="formal")
model.load_adapter("out/casual", adapter_name="casual")
model.eval()
print(model.active_adapter)

batch = tokenizer("Dear", return_tensors="pt")
for style in ("formal", "casual"):
    model.active_adapter = style  # expect: PEFT310
    with torch.no_grad():
        print(style, model(**batch).logits[0, -1].topk(3).indices.tolist())
