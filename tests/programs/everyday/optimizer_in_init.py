# Trainer wrapper around a BERT regressor.
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer


class Regressor:
    def __init__(self, name="bert-base-uncased", lr=1e-4, rank=8):
        self.tok = AutoTokenizer.from_pretrained(name)
        self.model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=1, problem_type="regression")
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=lr)  # expect: PEFT403
        self.loss_history = []
        cfg = LoraConfig(task_type=TaskType.SEQ_CLS, r=rank, lora_alpha=2 * rank, target_modules=["query", "value"])
        self.model = get_peft_model(self.model, cfg)

    def collate(self, rows):
        texts, ys = zip(*rows)
        enc = self.tok(list(texts), padding=True, truncation=True, return_tensors="pt")
        enc["labels"] = torch.tensor(ys, dtype=torch.float)
        return enc

    def fit(self, rows, epochs=3):
        loader = DataLoader(rows, batch_size=16, shuffle=True, collate_fn=self.collate)
        self.model.train()
        for _ in range(epochs):
            for batch in loader:
                self.optimizer.zero_grad()
                loss = self.model(**batch).loss
                loss.backward()
                self.optimizer.step()
                self.loss_history.append(loss.item())
        return self

    @torch.no_grad()
    def predict(self, texts):
        self.model.eval()
        enc = self.tok(texts, padding=True, truncation=True, return_tensors="pt")
        return self.model(**enc).logits.squeeze(-1)


def main(path="ratings.tsv"):
    rows = []
    with open(path) as fh:
        for line in fh:
            text, y = line.rstrip("\n").split("\t")
            rows.append((text, float(y)))
    reg = Regressor().fit(rows)
    reg.model.save_pretrained("bert-ratings")


if __name__ == "__main__":
    main()
