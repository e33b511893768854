"""Next-token log-prob backend with memoisation, used by the constrained decoder."""
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class VirtualLM:
    def __init__(self, name, lora_dirs, device="cuda"):
        self.tok = AutoTokenizer.from_pretrained(name)
        base = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16).to(device)
        first, *rest = lora_dirs.items()
        self.model = PeftModel.from_pretrained(base, first[1], adapter_name=first[0])
        for n, d in rest:
            self.model.load_adapter(d, adapter_name=n)
        self.model.eval()
        self.device = device
        self.cache = {}
        self.hits = 0

    def set_lora(self, name):
        self.model.set_adapter(name)

    @torch.no_grad()
    def next_logprobs(self, token_ids):
        key = tuple(token_ids)
        if key in self.cache:
            self.hits += 1
            return self.cache[key]
        ids = torch.tensor([token_ids], device=self.device)
        lp = self.model(input_ids=ids).logits[0, -1].float().log_softmax(-1).cpu()
        self.cache[key] = lp  # expect: PEFT303
        return lp
