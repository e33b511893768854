from functools import partial

from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

load = partial(PeftModel.from_pretrained, adapter_name="policy")


def resume(path, dataset):
    base = AutoModelForCausalLM.from_pretrained("base")
    model = load(base, path)  # expect: PEFT401
    trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=dataset)
    trainer.train()
    trainer.save_model("out/final")
