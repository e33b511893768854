"""sentence-transformers training with a fresh LoRA via add_adapter."""
from datasets import load_dataset
from peft import LoraConfig, TaskType
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import CachedMultipleNegativesRankingLoss

model = SentenceTransformer("google-bert/bert-base-uncased")
peft_config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, inference_mode=False, r=64, lora_alpha=128, lora_dropout=0.1)
model.add_adapter(peft_config)
print(model.active_adapters())

train = load_dataset("sentence-transformers/gooaq", split="train[:100000]")
loss = CachedMultipleNegativesRankingLoss(model, mini_batch_size=32)
args = SentenceTransformerTrainingArguments(
    output_dir="models/bert-base-uncased-gooaq-peft",
    num_train_epochs=1,
    per_device_train_batch_size=1024,
    learning_rate=2e-5,
    bf16=True,
    save_strategy="steps",
    save_steps=100,
    logging_steps=25,
)
trainer = SentenceTransformerTrainer(model=model, args=args, train_dataset=train, loss=loss)
trainer.train()
model.save_pretrained("models/bert-base-uncased-gooaq-peft/final")
emb = model.encode(["how to boil an egg", "boiling eggs takes ten minutes"])
print(model.similarity(emb, emb))
