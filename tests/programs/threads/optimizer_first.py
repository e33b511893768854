"""mt0 on financial_phrasebank with accelerate (trimmed down from the peft example)."""
import torch
from accelerate import Accelerator
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader
from tqdm import tqdm
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, default_data_collator, get_linear_schedule_with_warmup, set_seed


def main():
    accelerator = Accelerator()
    model_name_or_path = "bigscience/mt0-small"
    text_column, label_column = "sentence", "text_label"
    lr, num_epochs, batch_size, seed = 3e-3, 5, 8, 42
    set_seed(seed)

    dataset = load_dataset("takala/financial_phrasebank", "sentences_allagree", split="train").train_test_split(0.1, seed=seed)
    classes = dataset["train"].features["label"].names
    dataset = dataset.map(lambda x: {"text_label": [classes[l] for l in x["label"]]}, batched=True)
    tokenizer = AutoTokenizer.from_pretrained(model_name_or_path)

    def preprocess(ex):
        mi = tokenizer(ex[text_column], max_length=128, padding="max_length", truncation=True)
        labels = tokenizer(ex[label_column], max_length=2, padding="max_length", truncation=True)["input_ids"]
        mi["labels"] = [[-100 if t == tokenizer.pad_token_id else t for t in row] for row in labels]
        return mi

    with accelerator.main_process_first():
        proc = dataset.map(preprocess, batched=True, remove_columns=dataset["train"].column_names)
    train_dl = DataLoader(proc["train"], shuffle=True, collate_fn=default_data_collator, batch_size=batch_size, pin_memory=True)

    model = AutoModelForSeq2SeqLM.from_pretrained(model_name_or_path)
    # optimizer + scheduler
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)  # expect: PEFT403
    lr_scheduler = get_linear_schedule_with_warmup(optimizer, 0, len(train_dl) * num_epochs)

    peft_config = LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=8, lora_alpha=32, lora_dropout=0.1)
    model = get_peft_model(model, peft_config)
    accelerator.print(model)

    model, train_dl, optimizer, lr_scheduler = accelerator.prepare(model, train_dl, optimizer, lr_scheduler)
    for epoch in range(num_epochs):
        model.train()
        total_loss = 0
        for step, batch in enumerate(tqdm(train_dl)):
            loss = model(**batch).loss
            total_loss += loss.detach().float()
            accelerator.backward(loss)
            optimizer.step()
            lr_scheduler.step()
            optimizer.zero_grad()
        accelerator.print(f"{epoch=}: loss {total_loss / len(train_dl)}")

    accelerator.unwrap_model(model).save_pretrained("mt0_lora")


if __name__ == "__main__":
    main()
