"""PeftModel takes the name first, transformers' own integration takes the config first."""
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM


def config(rank):
    return LoraConfig(r=rank, target_modules=["c_attn"], task_type="CAUSAL_LM")


def with_peft(base_id, adapter):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), adapter, adapter_name="old")
    model.add_adapter(config(8), "new")  # expect: PEFT108
    model.set_adapter("new")
    return model


def with_transformers(base_id):
    model = AutoModelForCausalLM.from_pretrained(base_id)
    model.add_adapter("new", config(8))  # expect: PEFT108
    return model


def right(base_id, adapter):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_id), adapter, adapter_name="old")
    model.add_adapter("new", config(8))
    model.set_adapter("new")
    other = AutoModelForCausalLM.from_pretrained(base_id)
    other.add_adapter(config(8), "new")
    return model, other


if __name__ == "__main__":
    with_peft("gpt2", "out/gpt2")
    with_transformers("gpt2")
    right("gpt2", "out/gpt2")
