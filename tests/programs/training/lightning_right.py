"""Adapters that are trained by Lightning, and one that only ever predicts."""
import lightning as L
import torch
from datasets import load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSeq2SeqLM


class Summarizer(L.LightningModule):
    def __init__(self, lr=1e-4):
        super().__init__()
        self.save_hyperparameters()
        base = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
        self.model = PeftModel.from_pretrained(base, "stage1", is_trainable=True)

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.model(**batch).loss)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.hparams.lr)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    def on_train_end(self):
        self.model.save_pretrained("stage2")


class Late(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")

    def configure_model(self):
        self.model = get_peft_model(self.model, LoraConfig(task_type="SEQ_2_SEQ_LM"))

    def training_step(self, batch, batch_idx):
        return {"loss": self.model(**batch).loss}

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-4)


class Predictor(L.LightningModule):
    def __init__(self):
        super().__init__()
        base = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
        self.model = PeftModel.from_pretrained(base, "stage2")

    def predict_step(self, batch, batch_idx):
        return self.model.generate(**batch)


data = load_from_disk("data")
trainer = L.Trainer(max_epochs=1)
trainer.fit(Summarizer(), data)
trainer.fit(Late(), data)
trainer.predict(Predictor(), data)
