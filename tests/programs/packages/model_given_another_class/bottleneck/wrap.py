"""Gives a model of transformers the methods of this package, which has an `add_adapter` of its own."""


class AdaptersMixin:
    def init_adapters(self, config):
        self.bottlenecks = {}

    def add_adapter(self, name, config=None):
        self.bottlenecks[name] = config

    def train_adapter(self, name):
        for parameter in self.parameters():
            parameter.requires_grad = False


def init(model, config=None):
    if isinstance(model, AdaptersMixin):
        return
    if not isinstance(model, AdaptersMixin) and hasattr(model, "base_model_prefix"):
        model.__class__ = type(model.__class__.__name__, (AdaptersMixin, model.__class__), {})
    model.init_adapters(config)
