import numpy as np
from peft import LoraConfig
from sentence_transformers import SentenceTransformer

ADAPTERS = {"law": "encoders/law", "medicine": "encoders/medicine"}


class Index:
    def __init__(self, domain):
        self.encoder = SentenceTransformer("intfloat/e5-base")
        config = LoraConfig.from_pretrained(ADAPTERS[domain])
        self.encoder.add_adapter(config, adapter_name=domain)  # expect: PEFT101
        self.encoder.set_adapter(domain)
        self.rows = []

    def add(self, texts):
        self.rows.append(self.encoder.encode(texts, normalize_embeddings=True))

    def nearest(self, text):
        return int(np.argmax(np.concatenate(self.rows) @ self.encoder.encode(text)))


index = Index("law")
index.add(["The contract is void.", "The parties agree."])
print(index.nearest("null and void"))
