from peft import PeftModel
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from app.config import Paths


def export(paths: Paths = Paths()):
    quant = BitsAndBytesConfig(load_in_4bit=True)
    base = AutoModelForCausalLM.from_pretrained(paths.base, quantization_config=quant)
    model = PeftModel.from_pretrained(base, paths.adapter)
    merged = model.merge_and_unload()  # expect: PEFT503
    merged.save_pretrained(paths.merged)


if __name__ == "__main__":
    export()
