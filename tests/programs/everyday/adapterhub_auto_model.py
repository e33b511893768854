"""AdapterHub's models have methods of PEFT's names with other parameters."""

from adapters import AdapterTrainer, AutoAdapterModel, LoRAConfig
from transformers import TrainingArguments


def main(train, out="runs/hub"):
    model = AutoAdapterModel.from_pretrained("bert-base-uncased")
    model.add_adapter("rte", config=LoRAConfig(r=4, alpha=8))
    model.add_classification_head("rte", num_labels=2)
    model.train_adapter("rte")
    AdapterTrainer(model=model, args=TrainingArguments(out), train_dataset=train).train()
    model.merge_adapter("rte")
    model.reset_adapter()
    model.load_adapter("AdapterHub/bert-base-uncased-pf-rte", source="hf", set_active=True)
    model.active_adapters = "rte"
    model.delete_adapter("rte")
