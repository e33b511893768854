# torchrun entry point: LoRA on OPT.
import os

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, DistributedSampler
from transformers import OPTForCausalLM

from corpus import PackedCorpus


def main():
    dist.init_process_group("nccl")
    rank = int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(rank)

    net = OPTForCausalLM.from_pretrained("facebook/opt-1.3b").to(rank)
    net = DDP(net, device_ids=[rank])
    net = get_peft_model(net, LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"]))  # expect: PEFT410

    corpus = PackedCorpus("corpus.bin", block=1024)
    sampler = DistributedSampler(corpus)
    loader = DataLoader(corpus, batch_size=4, sampler=sampler)
    optim = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=1e-4)

    net.train()
    for epoch in range(2):
        sampler.set_epoch(epoch)
        for ids in loader:
            ids = ids.to(rank)
            loss = net(input_ids=ids, labels=ids).loss
            loss.backward()
            optim.step()
            optim.zero_grad(set_to_none=True)
        if rank == 0:
            print("epoch", epoch, loss.item())

    if rank == 0:
        net.save_pretrained("opt-lora")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
