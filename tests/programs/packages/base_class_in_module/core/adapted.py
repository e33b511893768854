from peft import PeftModel

from core.base import LanguageModel


class AdaptedModel(LanguageModel):
    adapter = "out/default"

    def after_load(self):
        self.model = PeftModel.from_pretrained(self.model, self.adapter)

    def add(self, path, name):
        self.model.load_adapter(path, adapter_name=name)
        self.model.set_adapter(name)

    def replace(self, path):
        self.model = PeftModel.from_pretrained(self.model, path)  # expect: PEFT103
