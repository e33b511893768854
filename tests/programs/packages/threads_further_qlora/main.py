import fire
from datasets import load_dataset
from transformers import AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

from modelling import get_model


def run(base="huggyllama/llama-7b", adapter="timdettmers/guanaco-7b", out="guanaco-more", steps=500, lr=1e-4):
    tok = AutoTokenizer.from_pretrained(base)
    tok.pad_token = tok.eos_token
    ds = load_dataset("timdettmers/openassistant-guanaco", split="train")
    ds = ds.map(lambda b: tok(b["text"], truncation=True, max_length=512), batched=True, remove_columns=["text"])
    net = get_model(base, adapter)
    net.print_trainable_parameters()
    tr = Trainer(
        model=net,
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
        args=TrainingArguments(out, per_device_train_batch_size=1, gradient_accumulation_steps=16, max_steps=steps, learning_rate=lr, bf16=True, optim="paged_adamw_32bit", logging_steps=10),
    )
    tr.train()
    net.save_pretrained(out)


if __name__ == "__main__":
    fire.Fire(run)
