# Train a second task adapter next to an existing one.
from dataclasses import dataclass

import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
)


@dataclass
class Cfg:
    base: str = "google/flan-t5-small"
    first_task: str = "out/t5-qa"
    out: str = "out/t5-title"
    lr: float = 1e-3
    epochs: int = 3


cfg = Cfg()
tok = AutoTokenizer.from_pretrained(cfg.base)
base = AutoModelForSeq2SeqLM.from_pretrained(cfg.base)
model = PeftModel.from_pretrained(base, cfg.first_task, adapter_name="qa")

title_cfg = LoraConfig(task_type="SEQ_2_SEQ_LM", r=16, lora_alpha=32, lora_dropout=0.05, target_modules=["q", "v"])
model.add_adapter(title_cfg, "title")  # expect: PEFT108
model.set_adapter("title")
model.print_trainable_parameters()


def prep(batch):
    enc = tok(["title: " + t for t in batch["body"]], truncation=True, max_length=512)
    enc["labels"] = tok(text_target=batch["title"], truncation=True, max_length=32)["input_ids"]
    return enc


ds = load_dataset("json", data_files={"train": "posts.jsonl"})["train"]
ds = ds.map(prep, batched=True, remove_columns=ds.column_names)

trainer = Seq2SeqTrainer(
    model=model,
    args=Seq2SeqTrainingArguments(
        output_dir=cfg.out,
        learning_rate=cfg.lr,
        num_train_epochs=cfg.epochs,
        per_device_train_batch_size=16,
        bf16=torch.cuda.is_available(),
        report_to=[],
    ),
    train_dataset=ds,
    data_collator=DataCollatorForSeq2Seq(tok, model=model),
)
trainer.train()
model.save_pretrained(cfg.out, selected_adapters=["title"])
