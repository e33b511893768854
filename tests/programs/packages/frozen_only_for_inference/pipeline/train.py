from datasets import load_from_disk
from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments

from .load import load, tokenizer_for


def run(adapter, data, out):
    trainer = Trainer(
        model=load(adapter, train=True),
        args=TrainingArguments(output_dir=out, num_train_epochs=1),
        train_dataset=load_from_disk(data),
        data_collator=DataCollatorForLanguageModeling(tokenizer_for(), mlm=False),
    )
    trainer.train()
    trainer.save_model()
