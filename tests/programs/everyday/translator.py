# Two-way translator class with one LoRA per direction on a shared mT5.
import logging
from typing import List

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

log = logging.getLogger(__name__)


class Translator:
    def __init__(self, base_name: str, en_fr: str, fr_en: str, device: str = "cuda"):
        self.device = device
        self.tokenizer = AutoTokenizer.from_pretrained(base_name)
        # share the big weights between both directions to save memory
        self.base = AutoModelForSeq2SeqLM.from_pretrained(base_name, dtype=torch.bfloat16).to(device)
        self.en_fr = PeftModel.from_pretrained(self.base, en_fr).eval()
        self.fr_en = PeftModel.from_pretrained(self.base, fr_en).eval()  # expect: PEFT104
        log.info("translator ready")

    @torch.inference_mode()
    def _run(self, model, prefix: str, sentences: List[str]) -> List[str]:
        enc = self.tokenizer(
            [prefix + s for s in sentences], return_tensors="pt", padding=True, truncation=True
        ).to(self.device)
        ids = model.generate(**enc, max_new_tokens=128, num_beams=4)
        return self.tokenizer.batch_decode(ids, skip_special_tokens=True)

    def to_french(self, sentences: List[str]) -> List[str]:
        return self._run(self.en_fr, "translate English to French: ", sentences)

    def to_english(self, sentences: List[str]) -> List[str]:
        return self._run(self.fr_en, "translate French to English: ", sentences)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    t = Translator("google/mt5-base", "lora/en-fr", "lora/fr-en")
    print(t.to_french(["Good morning.", "Where is the station?"]))
    print(t.to_english(["Bonjour.", "Il pleut."]))
