# continual training of the chat model: second round starts from the adapter of round one
import os
import torch
import torch.nn as nn
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, HfArgumentParser
from dataclasses import dataclass, field
from typing import Optional
from datasets import load_dataset


@dataclass
class ModelArguments:
    llm: str = field(default="Qwen/Qwen2-0.5B-Instruct")
    use_llm_lora: int = field(default=16, metadata={"help": "rank, 0 = off"})
    llm_adapter_name: Optional[str] = field(default=None)


class ChatModel(nn.Module):
    def __init__(self, llm):
        super().__init__()
        self.language_model = AutoModelForCausalLM.from_pretrained(llm, torch_dtype=torch.bfloat16)

    def wrap_llm_lora(self, r=128, lora_alpha=256, lora_dropout=0.05):
        lora_config = LoraConfig(
            r=r,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
            lora_alpha=lora_alpha,
            lora_dropout=lora_dropout,
            task_type="CAUSAL_LM",
        )
        self.language_model = get_peft_model(self.language_model, lora_config)
        self.language_model.print_trainable_parameters()

    def load_round_one(self, path):
        self.wrap_llm_lora(r=16, lora_alpha=32)
        self.language_model = PeftModel.from_pretrained(self.language_model, path, is_trainable=True)  # expect: PEFT103

    def forward(self, input_ids=None, attention_mask=None, labels=None):
        return self.language_model(input_ids=input_ids, attention_mask=attention_mask, labels=labels)


def main():
    (model_args,) = HfArgumentParser(ModelArguments).parse_args_into_dataclasses()
    tok = AutoTokenizer.from_pretrained(model_args.llm)
    model = ChatModel(model_args.llm)
    model.load_round_one(model_args.llm_adapter_name or "work_dirs/round1")

    raw = load_dataset("json", data_files="shell/data/round2.jsonl", split="train")

    def preprocess(ex):
        enc = tok(ex["prompt"] + ex["answer"] + tok.eos_token, truncation=True, max_length=1024, padding="max_length")
        enc["labels"] = [t if m else -100 for t, m in zip(enc["input_ids"], enc["attention_mask"])]
        return enc

    train = raw.map(preprocess, remove_columns=raw.column_names)
    args = TrainingArguments("work_dirs/round2", per_device_train_batch_size=2, num_train_epochs=1, learning_rate=4e-5, bf16=True, report_to="none", save_strategy="no")
    Trainer(model=model, args=args, train_dataset=train).train()
    model.language_model.save_pretrained("work_dirs/round2/adapter")


if __name__ == "__main__":
    main()
