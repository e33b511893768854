from peft import LoraConfig, get_peft_model
from transformers import AutoModelForMaskedLM, AutoTokenizer, Trainer, TrainingArguments


def main(train):
    tokenizer = AutoTokenizer.from_pretrained("roberta-base")
    model = AutoModelForMaskedLM.from_pretrained("roberta-base")
    with open("genes.txt") as lines:
        tokenizer.add_tokens([line.strip() for line in lines if not line.startswith("#")])
    model.resize_token_embeddings(len(tokenizer))
    config = LoraConfig(r=16, target_modules=["query", "value"])  # expect: PEFT210
    model = get_peft_model(model, config)
    Trainer(model, TrainingArguments("runs/genes"), train_dataset=train).train()
    model.save_pretrained("runs/genes/adapter")
