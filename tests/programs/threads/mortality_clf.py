# clinical notes classification with llama (in-hospital mortality), lora
import os
import numpy as np
import torch
import transformers
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from sklearn.metrics import roc_auc_score

base_model = "meta-llama/Llama-3.2-1B"
lora_r, lora_alpha, lora_dropout = 8, 16, 0.05
lora_target_modules = ["q_proj", "k_proj", "v_proj", "o_proj"]
output_dir = "./mortality-lora"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

tokenizer = transformers.AutoTokenizer.from_pretrained(base_model)
tokenizer.pad_token = tokenizer.eos_token
model = transformers.AutoModelForSequenceClassification.from_pretrained(base_model, num_labels=2, torch_dtype=torch.bfloat16)
model.config.pad_token_id = tokenizer.pad_token_id

config = LoraConfig(
    r=lora_r,
    lora_alpha=lora_alpha,
    target_modules=lora_target_modules,  # expect: PEFT208
    lora_dropout=lora_dropout,
    bias="none",
    modules_to_save=lora_target_modules.append("score"),  # expect: PEFT207
)
model = get_peft_model(model, config)
model.print_trainable_parameters()

notes = load_dataset("csv", data_files={"train": "notes_train.csv", "test": "notes_test.csv"})
notes = notes.map(lambda e: tokenizer(e["text"], truncation=True, max_length=1024), batched=True)


def compute_metrics(p):
    logits = p.predictions
    prob = np.exp(logits[:, 1]) / np.exp(logits).sum(-1)
    return {"auroc": roc_auc_score(p.label_ids, prob)}


trainer = transformers.Trainer(
    model=model,
    train_dataset=notes["train"],
    eval_dataset=notes["test"],
    compute_metrics=compute_metrics,
    data_collator=transformers.DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8),
    args=transformers.TrainingArguments(output_dir, per_device_train_batch_size=4, num_train_epochs=3, learning_rate=3e-4, bf16=True, eval_strategy="epoch", save_strategy="epoch", load_best_model_at_end=True),
)
trainer.train()
model.save_pretrained(output_dir)
