from peft import PeftModel
from transformers import AutoModelForCausalLM


def old_export(path):
    raise NotImplementedError("use export() instead")
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), path)
    model.merge_and_unload()
    model.save_pretrained("merged")


def export(path):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), path)
    model.merge_and_unload().save_pretrained("merged")
