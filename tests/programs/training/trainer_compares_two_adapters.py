import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, Trainer, TrainingArguments


class TwoViews(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        model.set_adapter("query")
        queries = model(**inputs["query"]).last_hidden_state[:, 0]
        model.set_adapter("passage")  # expect: PEFT407
        passages = model(**inputs["passage"]).last_hidden_state[:, 0]
        return F.cross_entropy(queries @ passages.T, torch.arange(len(queries)))


def main(train):
    config = LoraConfig(r=8, target_modules=["query", "value"])
    model = get_peft_model(AutoModel.from_pretrained("bert-base-uncased"), config, adapter_name="query")
    model.add_adapter("passage", config)
    TwoViews(model=model, args=TrainingArguments("runs/views"), train_dataset=train).train()
