"""Saves the adapter at the end of each epoch, and the merged model at the end of training."""
import copy
import os

from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)


class SaveAdapter(TrainerCallback):
    def on_epoch_end(self, args, state, control, model=None, **kwargs):
        folder = os.path.join(args.output_dir, f"epoch-{state.epoch:.0f}")
        model.save_pretrained(folder)
        return control


def main(name="EleutherAI/pythia-160m"):
    tokenizer = AutoTokenizer.from_pretrained(name)
    tokenizer.pad_token = tokenizer.eos_token
    base = AutoModelForCausalLM.from_pretrained(name)
    base.config.use_cache = False
    model = get_peft_model(base, LoraConfig(r=8, target_modules=["query_key_value"], task_type="CAUSAL_LM"))
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir="out/pythia", num_train_epochs=3, report_to="none"),
        train_dataset=load_from_disk("data/train"),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        callbacks=[SaveAdapter()],
    )
    trainer.train()
    base.config.use_cache = True
    copy.deepcopy(model).merge_and_unload().save_pretrained("out/pythia/merged")
    model.save_pretrained("out/pythia/adapter")


main()
