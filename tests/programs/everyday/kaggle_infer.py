# Kaggle: inference with two folds of LoRA
import gc

import numpy as np
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

tok = AutoTokenizer.from_pretrained("deberta")
preds = []
for fold in range(2):
    base = AutoModelForSequenceClassification.from_pretrained("deberta", num_labels=2)
    model = PeftModel.from_pretrained(base, f"fold{fold}")
    trainer = Trainer(model=model, args=TrainingArguments("tmp", per_device_eval_batch_size=8), processing_class=tok)
    preds.append(trainer.predict(test_ds).predictions)
    del model, base, trainer
    gc.collect()
    torch.cuda.empty_cache()
np.save("preds.npy", np.mean(preds, 0))
