"""Pretrain step (domain adaptation) for baichuan style models."""
import argparse
from itertools import chain

import torch
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, default_data_collator


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model_name_or_path", default="openlm-research/open_llama_3b_v2")
    ap.add_argument("--train_glob", default="data/pt/*.txt")
    ap.add_argument("--block_size", type=int, default=512)
    ap.add_argument("--lora_r", type=int, default=8)
    ap.add_argument("--out", default="output_pt")
    return ap.parse_args()


def main():
    a = parse()
    tokenizer = AutoTokenizer.from_pretrained(a.model_name_or_path)
    raw = load_dataset("text", data_files={"train": a.train_glob})["train"]
    tokd = raw.map(lambda e: tokenizer(e["text"]), batched=True, remove_columns=["text"])

    def group(ex):
        cat = {k: list(chain(*ex[k])) for k in ex}
        n = (len(cat["input_ids"]) // a.block_size) * a.block_size
        res = {k: [v[i : i + a.block_size] for i in range(0, n, a.block_size)] for k, v in cat.items()}
        res["labels"] = [list(x) for x in res["input_ids"]]
        return res

    blocks = tokd.map(group, batched=True)

    model = AutoModelForCausalLM.from_pretrained(a.model_name_or_path, torch_dtype=torch.bfloat16)
    peft_config = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        inference_mode=False,
        r=a.lora_r,
        lora_alpha=32,
        lora_dropout=0.1,
        target_modules="q_proj,v_proj",  # expect: PEFT206
    )
    model = get_peft_model(model, peft_config)
    model.print_trainable_parameters()
    trainer = Trainer(
        model=model,
        args=TrainingArguments(a.out, per_device_train_batch_size=4, learning_rate=1e-4, bf16=True, num_train_epochs=1, save_steps=500),
        train_dataset=blocks,
        data_collator=default_data_collator,
    )
    trainer.train()
    model.save_pretrained(a.out)


if __name__ == "__main__":
    main()
