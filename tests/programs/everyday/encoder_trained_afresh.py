from peft import LoraConfig, PeftConfig
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, losses


def fresh(domain, pairs):
    encoder = SentenceTransformer("intfloat/e5-base")
    encoder.add_adapter(LoraConfig.from_pretrained("encoders/law"), domain)
    trainer = SentenceTransformerTrainer(
        model=encoder, train_dataset=pairs, loss=losses.MultipleNegativesRankingLoss(encoder)
    )
    trainer.train()
    encoder.save_pretrained(f"encoders/{domain}")


def loaded(folder):
    encoder = SentenceTransformer(PeftConfig.from_pretrained(folder).base_model_name_or_path)
    encoder.load_adapter(folder)
    return encoder.encode(["a", "b"])
