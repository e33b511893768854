from functools import partial

from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

load_trainable = partial(PeftModel.from_pretrained, is_trainable=True)


def resume(path, dataset):
    model = load_trainable(AutoModelForCausalLM.from_pretrained("base"), path)
    Trainer(model=model, args=TrainingArguments("out"), train_dataset=dataset).train()
