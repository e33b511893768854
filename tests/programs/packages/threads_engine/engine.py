import logging

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

log = logging.getLogger("engine")


class Engine:
    """Owns the model of one session: optimise a steering LoRA, then export."""

    def __init__(self, model_id):
        self.tokenizer = AutoTokenizer.from_pretrained(model_id)
        self.tokenizer.pad_token = self.tokenizer.pad_token or self.tokenizer.eos_token
        base = AutoModelForCausalLM.from_pretrained(model_id, torch_dtype=torch.bfloat16, device_map="auto")
        cfg = LoraConfig(r=1, lora_alpha=1, target_modules=["o_proj", "down_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(base, cfg)

    def fit(self, prompts, targets, lr=1e-3, epochs=2):
        opt = torch.optim.Adam([p for p in self.model.parameters() if p.requires_grad], lr=lr)
        for _ in range(epochs):
            for p, t in zip(prompts, targets):
                b = self.tokenizer(p + t, return_tensors="pt").to(self.model.device)
                loss = self.model(**b, labels=b["input_ids"]).loss
                loss.backward()
                opt.step()
                opt.zero_grad()
            log.info("loss %.4f", loss.item())

    def export(self, merged_dir, adapter_dir):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(merged_dir)
        self.tokenizer.save_pretrained(merged_dir)
        # adapter too, it is small
        if isinstance(self.model, PeftModel):
            self.model.save_pretrained(adapter_dir)  # expect: PEFT502
        log.info("exported to %s and %s", merged_dir, adapter_dir)
