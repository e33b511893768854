"""One loader for training and for export; which of both is asked for by a flag."""
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig


def get_model(name, adapter, train=True, use_bnb=True):
    options = {}
    small = use_bnb is True and train is True
    if small:
        options["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True)
    model = AutoModelForCausalLM.from_pretrained(name, **options)
    if small:
        model = prepare_model_for_kbit_training(model)
    try:
        model = PeftModel.from_pretrained(model, adapter, is_trainable=train)
        if train is False:
            model = model.merge_and_unload()
    except OSError:
        if train == True:  # noqa: E712
            config = LoraConfig(r=32, target_modules="all-linear", task_type="CAUSAL_LM")
            model = get_peft_model(model, config)
    return model
