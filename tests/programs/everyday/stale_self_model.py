# Wrapper with a publish() step.
import logging

from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

log = logging.getLogger("publisher")


class Publisher:
    def __init__(self, adapter_dir):
        self.adapter_dir = adapter_dir
        self.model = AutoPeftModelForCausalLM.from_pretrained(adapter_dir)
        self.tokenizer = AutoTokenizer.from_pretrained(adapter_dir)

    def publish(self, repo, token=None):
        merged = self.model.merge_and_unload()
        n = sum(p.numel() for p in merged.parameters())
        log.info("publishing %s (%.1fM parameters)", repo, n / 1e6)
        self.model.push_to_hub(repo, token=token)  # expect: PEFT502
        self.tokenizer.push_to_hub(repo, token=token)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    Publisher("runs/final").publish("acme/assistant-merged")
