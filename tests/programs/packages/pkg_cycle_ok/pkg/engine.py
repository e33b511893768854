import torch

from . import loader


def warm_up(model):
    model(torch.ones(1, 4, dtype=torch.long))


def serve(path, other):
    model = loader.load(path)
    model.load_adapter(other, adapter_name="other")
    model.set_adapter("other")
    return model.generate(torch.ones(1, 4, dtype=torch.long))
