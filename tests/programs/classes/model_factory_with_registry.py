from peft import IA3Config, LoraConfig, PeftConfig, TaskType, get_peft_model
from transformers import AutoModelForSeq2SeqLM

REGISTRY = {}


def register(name):
    def decorate(function):
        REGISTRY[name] = function
        return function

    return decorate


@register("lora")
def lora(rank=8):
    return LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, rank=rank, target_modules=["q", "v"])  # expect: PEFT211


@register("ia3")
def ia3():
    return IA3Config(task_type=TaskType.SEQ_2_SEQ_LM, target_modules=["k", "v", "wo"], feedforward_modules=["wo"])


@register("wide")
def wide():
    return LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=64, target_modules=["all-linear"])  # expect: PEFT206


class Factory:
    def __init__(self, base="t5-small"):
        self.base = base

    def build(self, kind, **options):
        config: PeftConfig = REGISTRY[kind](**options)
        return get_peft_model(AutoModelForSeq2SeqLM.from_pretrained(self.base), config)


if __name__ == "__main__":
    for kind in REGISTRY:
        Factory().build(kind).print_trainable_parameters()
