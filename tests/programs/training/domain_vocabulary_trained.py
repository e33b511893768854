"""The embeddings are trained beside the adapter; where only a padding token was missing, nothing needs to be."""

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer, Trainer, TrainingArguments


def vocabulary(path):
    with open(path) as lines:
        return [line.strip() for line in lines if not line.startswith("#")]


def masked(train):
    tokenizer = AutoTokenizer.from_pretrained("roberta-base")
    model = AutoModelForMaskedLM.from_pretrained("roberta-base")
    tokenizer.add_tokens(vocabulary("genes.txt"))
    model.resize_token_embeddings(len(tokenizer))
    config = LoraConfig(r=16, target_modules=["query"], modules_to_save=["word_embeddings", "decoder"])
    model = get_peft_model(model, config)
    Trainer(model, TrainingArguments("runs/genes"), train_dataset=train).train()


def causal(train):
    tokenizer = AutoTokenizer.from_pretrained("huggyllama/llama-7b")
    model = AutoModelForCausalLM.from_pretrained("huggyllama/llama-7b")
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    model.resize_token_embeddings(len(tokenizer))
    model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    Trainer(model, TrainingArguments("runs/pad"), train_dataset=train).train()
