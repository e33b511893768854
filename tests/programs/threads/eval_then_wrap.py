"""Load pytorch-lightning trained LoRA weights by hand and predict toxicity scores."""
import glob

import pandas as pd
import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer

CFG = dict(r=16, lora_alpha=32, lora_dropout=0.2, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")

tok = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
backbone = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", torch_dtype=torch.float32)
backbone.eval()

model = get_peft_model(backbone, LoraConfig(**CFG))  # expect: PEFT409
ckpt = sorted(glob.glob("lightning_logs/version_3/checkpoints/*.pt"))[-1]
sd = torch.load(ckpt, map_location="cpu")
res = set_peft_model_state_dict(model, sd["lora"])
assert not res.unexpected_keys, res.unexpected_keys[:3]
print("loaded", ckpt)

YES, NO = tok(" yes").input_ids[0], tok(" no").input_ids[0]


@torch.no_grad()
def score(text):
    enc = tok(f"Comment: {text}\nToxic?", return_tensors="pt")
    lg = model(**enc).logits[0, -1]
    return torch.softmax(lg[[YES, NO]], 0)[0].item()


df = pd.read_csv("test.csv")
df["toxic"] = df.comment_text.map(score)
df[["id", "toxic"]].to_csv("submission.csv", index=False)
