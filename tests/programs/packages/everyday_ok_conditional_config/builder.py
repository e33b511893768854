# Builds model and trainer; resuming is optional.
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def create_model(name, resume=None):
    model = AutoModelForCausalLM.from_pretrained(name)
    if resume:
        model = PeftModel.from_pretrained(model, resume, is_trainable=True)
    return model


def get_trainer(name, dataset, out, resume=None):
    model = create_model(name, resume)
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    return SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=out, max_length=1024, num_train_epochs=1),
        train_dataset=dataset,
        processing_class=AutoTokenizer.from_pretrained(name),
        peft_config=None if isinstance(model, PeftModel) else lora,
    )
