import math
from dataclasses import dataclass, field

import torch
from datasets import load_dataset
from peft import PeftConfig, PeftModel
from torch.utils.data import DataLoader
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, HfArgumentParser, default_data_collator


@dataclass
class ModelArguments:
    final_model: str = field(default="peft_done")
    batch_size: int = field(default=4)


(model_args,) = HfArgumentParser(ModelArguments).parse_args_into_dataclasses()

config = PeftConfig.from_pretrained(model_args.final_model)
tokenizer = AutoTokenizer.from_pretrained(config.base_model_name_or_path)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path)
model = PeftModel.from_pretrained(model, model_args.final_model)
model.eval()

raw = load_dataset("stanfordnlp/imdb", split="test[:200]")


def tok(batch):
    return tokenizer(batch["text"], truncation=True, padding="max_length", max_length=256)


raw = raw.map(tok, batched=True, remove_columns=["text", "label"])
dl = DataLoader(raw, batch_size=model_args.batch_size, collate_fn=default_data_collator)


def ppl(m):
    losses = []
    for batch in tqdm(dl):
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        with torch.no_grad():
            losses.append(m(**batch, labels=labels).loss.item())
    return math.exp(sum(losses) / len(losses))


print("lora ppl:", ppl(model))
base = model.get_base_model()
print("base ppl:", ppl(base))  # expect: PEFT112
