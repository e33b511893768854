"""Emotion classification prompts with gpt2. (init_lora_weights copied from a github answer, otherwise output did not change)"""
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments, set_seed

set_seed(42)
MODEL = "openai-community/gpt2"
tokenizer = AutoTokenizer.from_pretrained(MODEL)
tokenizer.pad_token = tokenizer.eos_token
LABELS = ["sadness", "joy", "love", "anger", "fear", "surprise"]


def to_features(ex):
    return tokenizer([f"{t} => {LABELS[l]}" for t, l in zip(ex["text"], ex["label"])], truncation=True, max_length=96)


ds = load_dataset("dair-ai/emotion")
train = ds["train"].map(to_features, batched=True, remove_columns=["text", "label"])
val = ds["validation"].map(to_features, batched=True, remove_columns=["text", "label"])

model = AutoModelForCausalLM.from_pretrained(MODEL)
config = LoraConfig(
    r=16,
    lora_alpha=16,
    target_modules=["c_attn"],
    fan_in_fan_out=True,
    task_type="CAUSAL_LM",
    init_lora_weights=False,  # expect: PEFT202
)
model = get_peft_model(model, config)
model.print_trainable_parameters()

args = TrainingArguments(
    output_dir="gpt2-emotion",
    per_device_train_batch_size=16,
    num_train_epochs=2,
    learning_rate=2e-4,
    eval_strategy="epoch",
    save_strategy="epoch",
    report_to="none",
)
trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=val, data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False))
print("before:", trainer.evaluate())
trainer.train()
trainer.save_model("gpt2-emotion/final")
