"""Probe: llama encoder + regression head in plain torch."""
import torch
import torch.nn as nn
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoTokenizer, LlamaModel

ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"


class Rater(nn.Module):
    def __init__(self):
        super().__init__()
        backbone = LlamaModel.from_pretrained(ID, torch_dtype=torch.float32)
        peft_config = LoraConfig(
            task_type=TaskType.CAUSAL_LM,  # expect: PEFT209
            r=8,
            lora_alpha=32,
            lora_dropout=0.1,
            target_modules=["q_proj", "v_proj"],
        )
        self.backbone = get_peft_model(backbone, peft_config)
        self.head = nn.Linear(backbone.config.hidden_size, 1)

    def forward(self, ids, mask):
        h = self.backbone(input_ids=ids, attention_mask=mask).last_hidden_state
        idx = mask.sum(1) - 1
        return self.head(h[torch.arange(len(ids)), idx]).squeeze(-1)


def batches(rows, tok, bs=8):
    for i in range(0, len(rows), bs):
        txt, y = zip(*rows[i : i + bs])
        e = tok(list(txt), padding=True, truncation=True, max_length=256, return_tensors="pt")
        yield e["input_ids"], e["attention_mask"], torch.tensor(y, dtype=torch.float32)


if __name__ == "__main__":
    tok = AutoTokenizer.from_pretrained(ID)
    tok.pad_token = tok.unk_token
    tok.padding_side = "right"
    rows = [l.rstrip("\n").split("\t") for l in open("essays.tsv", encoding="utf8")]
    rows = [(t, float(s)) for t, s in rows]
    net = Rater()
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=1e-4)
    for ep in range(3):
        for ids, mask, y in batches(rows, tok):
            loss = nn.functional.mse_loss(net(ids, mask), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(ep, loss.item())
    torch.save(net.head.state_dict(), "head.pt")
    net.backbone.save_pretrained("rater_lora")
