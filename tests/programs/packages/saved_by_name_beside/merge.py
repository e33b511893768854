"""Reads the plain adapter of the other folder, and the named one where it lies."""
from peft import PeftModel
from settings import BASE, OUT_DIR
from transformers import AutoModelForTokenClassification

base = AutoModelForTokenClassification.from_pretrained(BASE, num_labels=7)
model = PeftModel.from_pretrained(base, OUT_DIR, subfolder="ner")
model.merge_and_unload().save_pretrained("artifacts/ner-merged")
