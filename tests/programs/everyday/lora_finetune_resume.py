# Alpaca-style fine-tuning with optional resume of the adapter weights.
import os

import fire
import torch
import transformers
from datasets import load_dataset
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer


def train(
    base_model: str = "huggyllama/llama-7b",
    data_path: str = "yahma/alpaca-cleaned",
    output_dir: str = "./lora-alpaca",
    micro_batch_size: int = 4,
    num_epochs: int = 3,
    learning_rate: float = 3e-4,
    cutoff_len: int = 256,
    resume_from_checkpoint: str = None,
):
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    tokenizer.pad_token_id = 0
    model = AutoModelForCausalLM.from_pretrained(base_model, dtype=torch.bfloat16, device_map="auto")
    config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, task_type="CAUSAL_LM")
    model = get_peft_model(model, config)

    if resume_from_checkpoint:
        checkpoint = os.path.join(resume_from_checkpoint, "adapter_model.safetensors")
        if os.path.exists(checkpoint):
            print(f"Restarting from {checkpoint}")
            weights = load_file(checkpoint)
            model = set_peft_model_state_dict(model, weights)  # expect: PEFT110
        else:
            print(f"Checkpoint {checkpoint} not found")

    def tokenize(row):
        text = f"### Instruction:\n{row['instruction']}\n\n### Response:\n{row['output']}"
        out = tokenizer(text, truncation=True, max_length=cutoff_len)
        out["labels"] = out["input_ids"].copy()
        return out

    data = load_dataset(data_path, split="train").shuffle(seed=42).map(tokenize)
    trainer = transformers.Trainer(
        model=model,
        train_dataset=data,
        args=transformers.TrainingArguments(
            output_dir=output_dir,
            per_device_train_batch_size=micro_batch_size,
            num_train_epochs=num_epochs,
            learning_rate=learning_rate,
            bf16=True,
            logging_steps=10,
        ),
        data_collator=transformers.DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=8, return_tensors="pt", padding=True),
    )
    trainer.train()
    model.save_pretrained(output_dir)


if __name__ == "__main__":
    fire.Fire(train)
