"""`load_as` is an argument of AdapterHub's models; PEFT's get no such call, but the conditions are not the same ones."""
from peft import LoraConfig, get_peft_model

from .building import build_model


def reload(model, path, name):
    model.load_adapter(path, load_as=name, set_active=True)


def run(args):
    model = build_model(args.name, adapter_hub=args.adapter_hub)
    if args.train:
        if args.adapter_hub:
            model.add_adapter_fusion(args.names, config=args.kind)
        else:
            model = get_peft_model(model, LoraConfig(r=8, task_type="CAUSAL_LM"))
            model.print_trainable_parameters()
    if args.kind == "advfusion":
        reload(model, args.path, args.adapter)
        model.active_adapters()
    return model
