# Pull a LoRA from the Hub and caption a text with it.
import torch
from huggingface_hub import hf_hub_download
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

REPO = "someuser/phi-2-captions-lora"

tok = AutoTokenizer.from_pretrained("microsoft/phi-2")
model = AutoModelForCausalLM.from_pretrained("microsoft/phi-2", dtype=torch.float16, device_map="auto")

try:
    path = hf_hub_download(repo_id=REPO, filename="adapter_model.safetensors")
except Exception as exc:
    raise SystemExit(f"could not download {REPO}: {exc}")

state = load_file(path, device="cpu")
print(f"{len(state)} tensors in the adapter file")
model.load_state_dict(state, strict=False)  # expect: PEFT109
model.eval()

prompt = "Instruct: Write a caption for a photo of two dogs on a beach.\nOutput:"
enc = tok(prompt, return_tensors="pt").to(model.device)
with torch.no_grad():
    out = model.generate(**enc, max_new_tokens=60)
print(tok.decode(out[0], skip_special_tokens=True))
