# Hand-written LoRA for a vision transformer; no library involved.
import timm
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, inner, r=8, alpha=16):
        super().__init__()
        self.inner = inner
        self.a = nn.Parameter(torch.randn(r, inner.in_features) * 0.01)
        self.b = nn.Parameter(torch.zeros(inner.out_features, r))
        self.scale = alpha / r

    def forward(self, x):
        return self.inner(x) + (x @ self.a.t() @ self.b.t()) * self.scale

    def merge(self):
        self.inner.weight.data += self.scale * self.b.data @ self.a.data
        return self.inner


class LoRAViT(nn.Module):
    def __init__(self, name="vit_small_patch16_224"):
        super().__init__()
        self.vit = timm.create_model(name, pretrained=True)
        for blk in self.vit.blocks:
            blk.attn.qkv = LoRALinear(blk.attn.qkv)

    def forward(self, x):
        return self.vit(x)

    def merge_and_unload(self):
        for blk in self.vit.blocks:
            blk.attn.qkv = blk.attn.qkv.merge()

    def save_pretrained(self, path):
        torch.save(self.vit.state_dict(), path)


if __name__ == "__main__":
    model = LoRAViT()
    optimizer = torch.optim.SGD([p for n, p in model.named_parameters() if n.endswith((".a", ".b"))], lr=0.1)
    for x, y in torch.load("batches.pt"):
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.merge_and_unload()
    model.save_pretrained("vit.pt")
