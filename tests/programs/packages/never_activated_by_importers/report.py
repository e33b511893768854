from .loader import model


def size():
    return sum(p.numel() for p in model.parameters())
