"""Continue on a second task with an adapter of its own."""
from datasets import load_from_disk
from peft import LoraConfig, PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments


class Stage:
    def __init__(self, base, first_stage):
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=2)
        self.model = PeftModel.from_pretrained(model, first_stage, is_trainable=True)

    def start_second(self):
        config = LoraConfig(task_type="SEQ_CLS", r=16, target_modules=["query", "value"])
        self.model.add_adapter("second", config)  # expect: PEFT105

    def fit(self, path, out):
        trainer = Trainer(
            model=self.model,
            args=TrainingArguments(output_dir=out, num_train_epochs=2),
            train_dataset=load_from_disk(path),
            processing_class=self.tokenizer,
        )
        trainer.train()
        self.model.save_pretrained(out)


stage = Stage("emilyalsentzer/Bio_ClinicalBERT", "out/pretrained")
stage.start_second()
stage.fit("data/mortality", "out/second")
