# Fine-tune LLaMA on alpaca data.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import DataCollatorForSeq2Seq, LlamaForCausalLM, LlamaTokenizer, Trainer, TrainingArguments

base_model = "huggyllama/llama-7b"
tokenizer = LlamaTokenizer.from_pretrained(base_model)
tokenizer.pad_token_id = 0
model = LlamaForCausalLM.from_pretrained(base_model, torch_dtype=torch.float16, device_map="auto")

config = LoraConfig(
    r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, bias="none", task_type="CAUSAL_LM"
)
model = get_peft_model(model, config)  # expect: PEFT408
model.config.use_cache = False


def tokenize(row):
    prompt = f"### Instruction:\n{row['instruction']}\n\n### Response:\n{row['output']}"
    out = tokenizer(prompt, truncation=True, max_length=256)
    out["labels"] = out["input_ids"].copy()
    return out


data = load_dataset("yahma/alpaca-cleaned", split="train")
data = data.map(tokenize, remove_columns=data.column_names)

trainer = Trainer(
    model=model,
    train_dataset=data,
    args=TrainingArguments(
        per_device_train_batch_size=4,
        gradient_accumulation_steps=32,
        warmup_steps=100,
        num_train_epochs=3,
        learning_rate=3e-4,
        fp16=True,
        logging_steps=10,
        output_dir="lora-alpaca",
    ),
    data_collator=DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=8, padding=True),
)
trainer.train()
model.save_pretrained("lora-alpaca")
