import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments


def quantization():
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
    )


def create_and_prepare_model(name):
    model = AutoModelForCausalLM.from_pretrained(name, quantization_config=quantization(), device_map={"": 0})
    model.config.pretraining_tp = 1
    peft_config = LoraConfig(lora_alpha=16, lora_dropout=0.1, r=64, bias="none", task_type="CAUSAL_LM")
    model = get_peft_model(model, peft_config)
    model = prepare_model_for_kbit_training(model)  # expect: PEFT402
    return model


def main(dataset, collator):
    model = create_and_prepare_model("meta-llama/Llama-2-7b-hf")
    arguments = TrainingArguments(output_dir="qlora", per_device_train_batch_size=4, max_steps=1000, bf16=True)
    Trainer(model=model, args=arguments, train_dataset=dataset, data_collator=collator).train()
    model.save_pretrained("qlora/final")
