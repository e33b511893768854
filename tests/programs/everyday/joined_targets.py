# Build a LoRA model for instruction tuning; settings as module constants.
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq, Trainer, TrainingArguments

MODEL_NAME = "Qwen/Qwen2.5-0.5B-Instruct"
LORA_R = 8
LORA_ALPHA = 16
MAX_LEN = 384


def make_model():
    model = AutoModelForCausalLM.from_pretrained(MODEL_NAME, dtype=torch.bfloat16)
    config = LoraConfig(
        r=LORA_R,
        lora_alpha=LORA_ALPHA,
        target_modules="q_proj,v_proj",  # expect: PEFT206
        lora_dropout=0.1,
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def process(row, tok):
    prompt = tok(f"<|user|>{row['instruction']}<|assistant|>", add_special_tokens=False)
    answer = tok(row["output"], add_special_tokens=False)
    ids = prompt["input_ids"] + answer["input_ids"] + [tok.eos_token_id]
    labels = [-100] * len(prompt["input_ids"]) + answer["input_ids"] + [tok.eos_token_id]
    return {"input_ids": ids[:MAX_LEN], "attention_mask": [1] * min(len(ids), MAX_LEN), "labels": labels[:MAX_LEN]}


if __name__ == "__main__":
    tok = AutoTokenizer.from_pretrained(MODEL_NAME)
    ds = load_dataset("json", data_files="huanhuan.json", split="train")
    ds = ds.map(lambda r: process(r, tok), remove_columns=ds.column_names)
    trainer = Trainer(
        model=make_model(),
        args=TrainingArguments("out/huanhuan", per_device_train_batch_size=4, num_train_epochs=3, learning_rate=1e-4, bf16=True),
        train_dataset=ds,
        data_collator=DataCollatorForSeq2Seq(tok, padding=True),
    )
    trainer.train()
