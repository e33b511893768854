"""Lightning back-propagates what `training_step` gives; nothing of the adapter is trainable."""
import pytorch_lightning as pl
import torch
from datasets import load_from_disk
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM


class Summarizer(pl.LightningModule):
    def __init__(self, lr=1e-4):
        super().__init__()
        self.save_hyperparameters()
        base = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
        self.model = PeftModel.from_pretrained(base, "stage1")  # expect: PEFT401

    def training_step(self, batch, batch_idx):
        loss = self.model(**batch).loss
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.model.parameters(), lr=self.hparams.lr)


class Translator(pl.LightningModule):
    def __init__(self):
        super().__init__()
        base = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
        self.model = PeftModel.from_pretrained(base, "stage1")  # expect: PEFT401

    def training_step(self, batch, batch_idx):
        out = self.model(**batch)
        return {"loss": out.loss, "logits": out.logits}


pl.Trainer(max_epochs=1).fit(Summarizer(), load_from_disk("data"))
