from models import get_model
from transformers import Trainer, TrainingArguments

ADAPTER = "german-assistant-moe"


def main(dataset):
    model = get_model("mistralai/Mistral-7B-v0.1", ADAPTER, train=True)
    Trainer(model, TrainingArguments("runs"), train_dataset=dataset).train()
    model.save_pretrained(ADAPTER)
