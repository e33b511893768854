"""The optimizer that `configure_optimizers` hands to Lightning was built before the adapter."""
import lightning as L
import torch
from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSeq2SeqLM


class Summarizer(L.LightningModule):
    def __init__(self, lr=1e-4):
        super().__init__()
        self.model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=lr)  # expect: PEFT403
        self.model = get_peft_model(self.model, LoraConfig(task_type="SEQ_2_SEQ_LM"))

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

    def configure_optimizers(self):
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=10)
        return {"optimizer": self.optimizer, "lr_scheduler": schedule}


L.Trainer(max_epochs=1).fit(Summarizer(), load_from_disk("data"))
