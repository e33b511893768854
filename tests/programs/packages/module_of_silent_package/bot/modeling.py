from peft import AutoPeftModelForCausalLM, PeftModel

ADAPTER = "artifacts/legal"


def load_tuned():
    return AutoPeftModelForCausalLM.from_pretrained(ADAPTER)


def attach(model):
    return PeftModel.from_pretrained(model, ADAPTER)  # expect: PEFT103
