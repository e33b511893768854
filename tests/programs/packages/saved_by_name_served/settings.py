OUT_DIR = "artifacts/ner-lora"
BASE = "bert-base-cased"
