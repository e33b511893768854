# The summarizer service: T5 with one adapter per language (part of a small summarizer package).
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from .config_utils import read_adapter, read_meta


class Summarizer:
    def __init__(self, base="google/flan-t5-base", device="cuda"):
        self.device = torch.device(device)
        self.tok = AutoTokenizer.from_pretrained(base)
        self.net = AutoModelForSeq2SeqLM.from_pretrained(base).to(self.device)
        self.loaded = set()

    def use(self, lang):
        if lang not in self.loaded:
            cfg = read_adapter(lang)
            self.net.add_adapter(cfg, lang)  # expect: PEFT101
            self.loaded.add(lang)
        self.net.set_adapter(lang)
        self.net.eval()

    @torch.no_grad()
    def __call__(self, text, lang):
        self.use(lang)
        prefix = read_meta(lang).get("prefix", "summarize: ")
        enc = self.tok(prefix + text, truncation=True, max_length=1024, return_tensors="pt").to(self.device)
        ids = self.net.generate(**enc, max_new_tokens=96, num_beams=4)
        return self.tok.decode(ids[0], skip_special_tokens=True)
