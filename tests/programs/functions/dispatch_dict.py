from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def fresh(base):
    return get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))


def loaded(base):
    return PeftModel.from_pretrained(base, "adapters/a")


MAKERS = {"fresh": fresh, "loaded": loaded}


def main(how, batch):
    model = MAKERS[how](AutoModelForCausalLM.from_pretrained("base"))
    return model.generate(**batch)


def always_fresh(batch):
    model = MAKERS["fresh"](AutoModelForCausalLM.from_pretrained("base"))
    return model.generate(**batch)  # expect: PEFT201
