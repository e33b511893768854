import lightning as L
import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification


class Classifier(L.LightningModule):
    def __init__(self, name: str = "bert-base-uncased", num_labels: int = 4, lr: float = 2e-4):
        super().__init__()
        self.save_hyperparameters()
        base = AutoModelForSequenceClassification.from_pretrained(name, num_labels=num_labels)
        self.model = get_peft_model(base, LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"]))  # expect: PEFT208

    def training_step(self, batch, batch_idx):
        loss = self.model(**batch).loss
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(filter(lambda p: p.requires_grad, self.parameters()), lr=self.hparams.lr)

    def on_train_end(self):
        self.model.save_pretrained("out/adapter")
