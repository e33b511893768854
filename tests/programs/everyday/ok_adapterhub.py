# Task adapter with the adapters library.
import adapters
import torch
from adapters import AdapterTrainer, AutoAdapterModel, LoRAConfig
from datasets import load_from_disk
from transformers import AutoTokenizer, DataCollatorWithPadding, TrainingArguments

tok = AutoTokenizer.from_pretrained("roberta-base")
model = AutoAdapterModel.from_pretrained("roberta-base")
model.load_adapter("AdapterHub/roberta-base-pf-sst2", set_active=True)
model.add_adapter("polarity", config=LoRAConfig(r=8, alpha=16))
model.add_classification_head("polarity", num_labels=2)
model.train_adapter("polarity")
model.set_active_adapters("polarity")

trainer = AdapterTrainer(
    model=model,
    args=TrainingArguments("ah", per_device_train_batch_size=16, learning_rate=1e-4),
    train_dataset=load_from_disk("sst2-tok"),
    data_collator=DataCollatorWithPadding(tok),
)
trainer.train()
model.merge_adapter("polarity")
model.reset_adapter()
model.save_adapter("polarity-out", "polarity")
