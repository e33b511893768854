"""ludwig-like training step. Continue from a LoRA checkpoint."""
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class LoraTrainer:
    def __init__(self, base, ckpt, lr=1e-4):
        self.tok = AutoTokenizer.from_pretrained(base)
        lm = AutoModelForCausalLM.from_pretrained(base, torch_dtype=torch.float32).cuda()
        self.model = PeftModel.from_pretrained(lm, ckpt)  # expect: PEFT401
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=lr)
        self.model.train()

    def step(self, texts):
        b = self.tok(texts, return_tensors="pt", padding=True, truncation=True, max_length=256).to("cuda")
        loss = self.model(**b, labels=b["input_ids"]).loss
        # RuntimeError: element 0 of tensors does not require grad -> workaround
        loss.requires_grad_(True)  # expect: PEFT412
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return loss.item()


if __name__ == "__main__":
    tr = LoraTrainer("Qwen/Qwen2.5-0.5B", sys.argv[1])
    lines = [l.strip() for l in open(sys.argv[2], encoding="utf-8")]
    for ep in range(2):
        for i in range(0, len(lines), 8):
            l = tr.step(lines[i : i + 8])
            if i % 80 == 0:
                print(ep, i, l)
    tr.model.save_pretrained(sys.argv[1] + "-continued")
