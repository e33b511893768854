from peft import PeftModel
from transformers import AutoModelForCausalLM


class Wrapped:
    def __init__(self, model):
        self._model = model

    def __getattr__(self, name):
        return getattr(self.__dict__["_model"], name)

    def base_only(self, **batch):
        with self._model.disable_adapter():
            return self._model(**batch)


w = Wrapped(PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/a"))
w.eval()
w.base_only(input_ids=ids)
w.generate(input_ids=ids)
