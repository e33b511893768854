# 8-bit LoRA training of GPT-J.
import peft
import torch
from datasets import load_from_disk
from peft import LoraConfig, prepare_model_for_int8_training  # expect: PEFT902
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tok = AutoTokenizer.from_pretrained("EleutherAI/gpt-j-6b")
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained(
    "EleutherAI/gpt-j-6b", quantization_config=BitsAndBytesConfig(load_in_8bit=True), device_map="auto"
)
model = prepare_model_for_int8_training(model)
model = peft.get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(
    model=model,
    args=TrainingArguments("gptj", per_device_train_batch_size=1, max_steps=1000),
    train_dataset=load_from_disk("tok"),
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
)
trainer.train()
model.save_pretrained("gptj-lora")
