import torch


@torch.no_grad()
def mean_loss(model, batches):
    losses = [model(**batch).loss.item() for batch in batches]
    return sum(losses) / len(losses)
