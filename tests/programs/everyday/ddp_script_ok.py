import os

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.nn.parallel import DistributedDataParallel as DDP
from transformers import AutoModelForCausalLM


def main():
    dist.init_process_group("nccl")
    rank = int(os.environ["LOCAL_RANK"])
    model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(r=8, task_type="CAUSAL_LM")).to(rank)
    ddp = DDP(model, device_ids=[rank])
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
    for batch in loader:
        ddp(**batch).loss.backward()
        opt.step()
        opt.zero_grad()
    if rank == 0:
        ddp.module.save_pretrained("out")


if __name__ == "__main__":
    main()
