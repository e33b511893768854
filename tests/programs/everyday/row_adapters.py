# Serve a mixed batch: each row of the batch uses its own adapter.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B"
tok = AutoTokenizer.from_pretrained(BASE, padding_side="left")
tok.pad_token = tok.eos_token

net = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float16).to("cuda")
net = PeftModel.from_pretrained(net, "loras/fr", adapter_name="fr")
net.load_adapter("loras/de", adapter_name="de")
net.eval()

requests = [
    ("fr", "Bonjour, je voudrais"),
    ("de", "Guten Tag, ich hätte gerne"),
    ("__base__", "Hello, I would like"),
    ("de", "Wo ist der"),
]


@torch.inference_mode()
def run(batch):
    enc = tok([p for _, p in batch], return_tensors="pt", padding=True).to("cuda")
    ids = net.generate(**enc, adapter_names=[a for a, _ in batch], max_new_tokens=24, do_sample=False)
    return tok.batch_decode(ids, skip_special_tokens=True)


for (name, _), text in zip(requests, run(requests)):
    print(f"[{name}] {text}")
