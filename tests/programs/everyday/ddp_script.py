import os

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.nn.parallel import DistributedDataParallel as DDP
from transformers import AutoModelForCausalLM


def main():
    dist.init_process_group("nccl")
    rank = int(os.environ["LOCAL_RANK"])
    model = AutoModelForCausalLM.from_pretrained("base").to(rank)
    model = DDP(model, device_ids=[rank])
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))  # expect: PEFT410
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
    for batch in loader:
        model(**batch).loss.backward()
        opt.step()
        opt.zero_grad()


if __name__ == "__main__":
    main()
