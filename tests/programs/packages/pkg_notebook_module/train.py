import torch

from helpers import start_again

model = start_again("adapters/stage1")
opt = torch.optim.AdamW(model.parameters(), lr=1e-4)
for batch in loader:
    loss = model(**batch).loss
    loss.backward()
    opt.step()
