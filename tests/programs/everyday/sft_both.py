# SFT on a chat dataset with TRL.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

model_name = "Qwen/Qwen2.5-1.5B-Instruct"
tokenizer = AutoTokenizer.from_pretrained(model_name)
model = AutoModelForCausalLM.from_pretrained(model_name, dtype=torch.bfloat16)

peft_config = LoraConfig(r=32, lora_alpha=64, target_modules="all-linear", lora_dropout=0.05, task_type="CAUSAL_LM")
model = get_peft_model(model, peft_config)
model.print_trainable_parameters()

dataset = load_dataset("trl-lib/Capybara", split="train")

trainer = SFTTrainer(  # expect: PEFT405
    model=model,
    args=SFTConfig(
        output_dir="qwen-capybara",
        max_length=2048,
        packing=True,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        learning_rate=1e-4,
        bf16=True,
        logging_steps=10,
    ),
    train_dataset=dataset,
    processing_class=tokenizer,
    peft_config=peft_config,
)
trainer.train()
trainer.save_model("qwen-capybara/final")
