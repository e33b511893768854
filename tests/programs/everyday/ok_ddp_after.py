# torchrun: wrap with LoRA, then with DDP.
import os

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.nn.parallel import DistributedDataParallel as DDP
from transformers import AutoModelForCausalLM

from loaders import sharded_loader

dist.init_process_group("nccl")
rank = int(os.environ["LOCAL_RANK"])
torch.cuda.set_device(rank)

model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")).to(rank)
ddp = DDP(model, device_ids=[rank])
opt = torch.optim.AdamW([p for p in ddp.parameters() if p.requires_grad], lr=2e-4)

ddp.train()
for batch in sharded_loader(rank):
    loss = ddp(**batch).loss
    loss.backward()
    opt.step()
    opt.zero_grad()

if rank == 0:
    ddp.module.save_pretrained("opt-ddp-lora")
dist.barrier()
dist.destroy_process_group()
