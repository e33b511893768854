# YAML-driven LoRA trainer.
import sys

from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

from settings import Settings


def build_model(s: Settings):
    model = AutoModelForCausalLM.from_pretrained(s.model)
    conf = LoraConfig(
        rank=s.rank,  # expect: PEFT211
        lora_alpha=s.alpha,
        lora_dropout=s.dropout,
        target_modules=s.targets,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, conf)


def main(path):
    s = Settings.load(path)
    tok = AutoTokenizer.from_pretrained(s.model)
    ds = load_dataset("json", data_files=s.data, split="train")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=512), remove_columns=ds.column_names)
    model = build_model(s)
    Trainer(
        model=model,
        args=TrainingArguments(s.out, num_train_epochs=s.epochs, learning_rate=s.lr, per_device_train_batch_size=4),
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    ).train()
    model.save_pretrained(s.out)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "config.yaml")
