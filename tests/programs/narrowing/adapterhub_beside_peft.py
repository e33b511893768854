"""AdapterHub's library for one model, PEFT for another: the names are the same, the manners are not."""
import adapters
import torch
from adapters import AutoAdapterModel, IA3Config, LoRAConfig
from adapters.composition import Stack
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("roberta-base")

model = AutoAdapterModel.from_pretrained("roberta-base")
lang = model.load_adapter("AdapterHub/roberta-base-pf-imdb", source="hf")
model.add_adapter("task", config=LoRAConfig(r=8, alpha=16))
model.add_adapter("extra", config=IA3Config(composition_mode="scale"))
model.add_classification_head("task", num_labels=3)
model.train_adapter("task")
model.active_adapters = Stack(lang, "task")
model.set_active_adapters(["task"])
print(model.adapter_summary())
model.merge_adapter("task")

other = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=3)
other = get_peft_model(other, LoraConfig(task_type="SEQ_CLS", r=8, target_modules=["query", "value"]))
optimizer = torch.optim.AdamW([p for p in other.parameters() if p.requires_grad], lr=1e-4)
batch = tokenizer(["good", "bad"], return_tensors="pt")
other(**batch, labels=torch.tensor([2, 0])).loss.backward()
optimizer.step()
other.save_pretrained("out/peft")
model.save_adapter("out/hub", "task")
