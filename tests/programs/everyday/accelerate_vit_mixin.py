# LoRA for an image encoder with accelerate.
import argparse

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.logging import get_logger
from peft import LoraConfig
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from transformers import ViTModel

logger = get_logger(__name__)


def parse_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", required=True)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--out", default="vit-lora")
    return ap.parse_args()


def pair_loss(feats, labels, tau=0.07):
    feats = F.normalize(feats, dim=-1)
    sim = feats @ feats.t() / tau
    same = (labels[:, None] == labels[None, :]).float()
    return -(F.log_softmax(sim, dim=-1) * same).sum(-1).div(same.sum(-1)).mean()


def main():
    args = parse_args()
    accelerator = Accelerator(mixed_precision="bf16")
    tf = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
    loader = DataLoader(ImageFolder(args.root, tf), batch_size=64, shuffle=True, num_workers=4)

    encoder = ViTModel.from_pretrained("google/vit-base-patch16-224-in21k")
    params = [p for p in encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=args.lr)  # expect: PEFT403

    encoder.add_adapter(LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"]), adapter_name="retrieval")

    encoder, optimizer, loader = accelerator.prepare(encoder, optimizer, loader)
    encoder.train()
    for epoch in range(args.epochs):
        for images, labels in loader:
            feats = encoder(pixel_values=images).last_hidden_state[:, 0]
            loss = pair_loss(feats, labels)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        logger.info(f"epoch {epoch} loss {loss.item():.4f}")

    accelerator.wait_for_everyone()
    accelerator.unwrap_model(encoder).save_pretrained(args.out)


if __name__ == "__main__":
    main()
