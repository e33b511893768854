"""Only one entry of the table is the wanted one, so the base that is measured in a round is never an adapted one."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


class Report:
    def __init__(self, base_name="base"):
        self.base_model = AutoModelForCausalLM.from_pretrained(base_name).eval()

    @torch.no_grad()
    def compare(self, adapter_path, batch):
        base = self.base_model(**batch).logits
        tuned = PeftModel.from_pretrained(self.base_model, adapter_path)(**batch).logits
        return (base - tuned).abs().max().item()

    def of(self, wanted, table, batch):
        for domain, path in table.items():
            if domain == wanted:
                print(domain, self.compare(path, batch))
