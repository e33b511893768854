# new LoRA with the same hyperparameters as the old one (fresh weights on purpose), other dataset
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

OLD = "runs/2024-05/en_lora"
config = LoraConfig.from_pretrained(OLD)
config.inference_mode = False
config.r = 32
config.lora_alpha = 64
print("template", config.target_modules, "->", config.r)

tok = AutoTokenizer.from_pretrained(config.base_model_name_or_path)
tok.pad_token = tok.pad_token or tok.eos_token
net = get_peft_model(AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, torch_dtype=torch.bfloat16), config)
net.print_trainable_parameters()

ds = load_dataset("wikimedia/wikipedia", "20231101.gl", split="train[:5000]")
ds = ds.map(lambda b: tok(b["text"], truncation=True, max_length=512), batched=True, remove_columns=ds.column_names)
Trainer(
    net,
    TrainingArguments("runs/gl", per_device_train_batch_size=4, learning_rate=2e-4, num_train_epochs=1, bf16=True),
    train_dataset=ds,
    data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
).train()
net.save_pretrained("runs/gl/lora")
