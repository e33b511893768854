from peft import LoraConfig, PeftConfig, PeftModel
from transformers import AutoModelForCausalLM


def create_model(args):
    peft_config = None
    if is_adapter(args.model):
        peft_config = PeftConfig.from_pretrained(args.model)
        model = AutoModelForCausalLM.from_pretrained(peft_config.base_model_name_or_path)
        model = PeftModel.from_pretrained(model, args.model, is_trainable=True, adapter_name="default")
        if args.merge:
            model = model.merge_and_unload()
        else:
            model.load_adapter(args.model, adapter_name="reference")
    else:
        model = args.model
        peft_config = LoraConfig(r=args.rank, target_modules="all-linear", task_type="CAUSAL_LM")
    return model, peft_config


def is_adapter(path):
    return (path / "adapter_config.json").exists()
