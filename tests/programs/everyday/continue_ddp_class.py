"""Second round of domain adaptation; wraps model, data and loop in one class."""
import logging

import torch
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, default_data_collator

logger = logging.getLogger(__name__)


class FineTuner:
    def __init__(self, base_id, adapter_dir, lr=2e-4, device="cuda"):
        self.device = device
        self.tokenizer = AutoTokenizer.from_pretrained(base_id)
        backbone = AutoModelForCausalLM.from_pretrained(base_id)
        self.model = PeftModel.from_pretrained(backbone, adapter_dir, "default", False)  # expect: PEFT401
        self.model.to(device)
        self.lr = lr

    def _loader(self, dataset, bs):
        return DataLoader(dataset, batch_size=bs, shuffle=True, collate_fn=default_data_collator)

    def fit(self, dataset, epochs=1, bs=8):
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.lr)
        self.model.train()
        for epoch in range(epochs):
            for step, batch in enumerate(self._loader(dataset, bs)):
                batch = {k: v.to(self.device) for k, v in batch.items()}
                loss = self.model(**batch).loss
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                if step % 50 == 0:
                    logger.info("epoch %d step %d loss %.4f", epoch, step, loss.item())

    def save(self, path):
        self.model.save_pretrained(path)
        self.tokenizer.save_pretrained(path)


if __name__ == "__main__":
    import sys

    from data import build_dataset

    logging.basicConfig(level=logging.INFO)
    ft = FineTuner("Qwen/Qwen2.5-0.5B", "runs/round1")
    ft.fit(build_dataset(ft.tokenizer, sys.argv[1]), epochs=2)
    ft.save("runs/round2")
