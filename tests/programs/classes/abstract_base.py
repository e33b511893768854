from abc import ABC, abstractmethod

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class Stage(ABC):
    def __init__(self, base):
        self.base = base
        self.model = self.prepare()

    @abstractmethod
    def prepare(self): ...

    def run(self, data):
        trainer = Trainer(model=self.model, args=TrainingArguments("out"), train_dataset=data)
        trainer.train()
        self.model.save_pretrained("out")


class First(Stage):
    def prepare(self):
        return get_peft_model(AutoModelForCausalLM.from_pretrained(self.base), LoraConfig(task_type="CAUSAL_LM"))


class Second(Stage):
    def prepare(self):
        model = AutoModelForCausalLM.from_pretrained(self.base)
        return PeftModel.from_pretrained(model, "out")  # expect: PEFT401


if __name__ == "__main__":
    First("base").run(None)
    Second("base").run(None)
