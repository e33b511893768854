from datasets import load_from_disk
from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments

from .load import model_for_stage, tokenizer_for


def run(stage):
    model = model_for_stage(stage)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=f"out/stage{stage}", num_train_epochs=1),
        train_dataset=load_from_disk(f"data/stage{stage}"),
        data_collator=DataCollatorForLanguageModeling(tokenizer_for(), mlm=False),
    )
    trainer.train()
    trainer.save_model()
