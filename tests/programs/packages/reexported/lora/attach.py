from peft import PeftModel

__all__ = ["attach_adapter"]


def attach_adapter(model, path, name="default", train=False):
    return PeftModel.from_pretrained(model, path, adapter_name=name, is_trainable=train)
