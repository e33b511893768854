"""adapter-transformers is a fork of transformers under the same name: `load_adapter` and `add_adapter` are others."""
from collections.abc import Mapping

from transformers import (
    AdapterConfig,
    AdapterType,
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelWithHeads,
    Trainer,
)


def create_model(args, name):
    config = AutoConfig.from_pretrained(args.model)
    if args.classic:
        model = AutoModelForSequenceClassification.from_pretrained(args.model, config=config)
    else:
        model = AutoModelWithHeads.from_pretrained(args.model, config=config)
    if isinstance(args.load_adapters, Mapping):
        for load_as, adapter in args.load_adapters.items():
            model.load_adapter(adapter, config=AdapterConfig.load(args.adapter_config), load_as=load_as)
    else:
        for adapter in args.load_adapters:
            model.load_adapter(adapter, config=args.adapter_config)
    model.add_adapter(name, AdapterType.text_task, config=AdapterConfig.load(args.adapter_config))
    model.train_adapter([name])
    model.set_active_adapters([name])
    return model


def main(args, dataset):
    model = create_model(args, "task")
    Trainer(model=model, args=args.training, train_dataset=dataset).train()
    model.save_adapter(args.output, "task")
