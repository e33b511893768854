import os

import lightning as L
import torch
from paths import ADAPTER_DIR, BASE
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class StoryModule(L.LightningModule):
    def __init__(self, lr=3e-4):
        super().__init__()
        self.save_hyperparameters()
        config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.lm = get_peft_model(AutoModelForCausalLM.from_pretrained(BASE), config)

    def training_step(self, batch, _):
        return self.lm(**batch, labels=batch["input_ids"]).loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.lm.parameters(), lr=self.hparams.lr)

    def on_train_end(self):
        os.makedirs(ADAPTER_DIR, exist_ok=True)
        torch.save(self.lm.state_dict(), os.path.join(ADAPTER_DIR, "adapter_model.bin"))  # expect: PEFT507
