# OPT-6.7B with LoRA in 8 bit.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model, prepare_model_for_int8_training  # expect: PEFT901
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

model = AutoModelForCausalLM.from_pretrained(
    "facebook/opt-6.7b", quantization_config=BitsAndBytesConfig(load_in_8bit=True), device_map="auto"
)
tokenizer = AutoTokenizer.from_pretrained("facebook/opt-6.7b")
model = prepare_model_for_int8_training(model)
model = get_peft_model(
    model,
    LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, bias="none", task_type="CAUSAL_LM"),
)

data = load_dataset("Abirate/english_quotes")
data = data.map(lambda s: tokenizer(s["quote"]), batched=True, remove_columns=data["train"].column_names)
trainer = Trainer(
    model=model,
    train_dataset=data["train"],
    args=TrainingArguments(
        output_dir="outputs",
        per_device_train_batch_size=4,
        gradient_accumulation_steps=4,
        warmup_steps=100,
        max_steps=200,
        learning_rate=2e-4,
        fp16=True,
        logging_steps=1,
    ),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
model.config.use_cache = False
trainer.train()
model.save_pretrained("opt-quotes")
