from models import get_model
from train import ADAPTER

model = get_model("mistralai/Mistral-7B-v0.1", ADAPTER, train=False)
model.save_pretrained(ADAPTER)  # expect: PEFT505
