# A/B harness class: plain model, adapter one, adapter two.
import json
import logging
from dataclasses import asdict, dataclass

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

logger = logging.getLogger("ab")


@dataclass
class Result:
    variant: str
    loss: float


class Harness:
    def __init__(self, base, one, two):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForSeq2SeqLM.from_pretrained(base)
        self.model = PeftModel.from_pretrained(net, one, adapter_name="one")
        self.model.load_adapter(two, adapter_name="two")
        self.model.eval()

    @torch.no_grad()
    def loss(self, pairs):
        tot = 0.0
        for src, tgt in pairs:
            enc = self.tok(src, text_target=tgt, return_tensors="pt", truncation=True)
            tot += self.model(**enc).loss.item()
        return tot / len(pairs)

    def run(self, pairs):
        out = []
        self.model.disable_adapter_layers()
        out.append(Result("plain", self.loss(pairs)))
        self.model.enable_adapter_layers()
        for name in ("one", "two"):
            self.model.set_adapter(name)
            out.append(Result(name, self.loss(pairs)))
            logger.info("%s done", name)
        return out


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    with open("pairs.json") as fh:
        pairs = [(p["src"], p["tgt"]) for p in json.load(fh)]
    for r in Harness("google/flan-t5-base", "out/t5-a", "out/t5-b").run(pairs):
        print(json.dumps(asdict(r)))
