# Summarization with LoRA on T5, backbone frozen.
from datasets import load_dataset
from peft import LoraConfig, TaskType, get_peft_model
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
)

NAME = "t5-base"


def preprocess(tokenizer):
    def fn(rows):
        x = tokenizer(["summarize: " + d for d in rows["dialogue"]], truncation=True, max_length=512)
        x["labels"] = tokenizer(text_target=rows["summary"], truncation=True, max_length=128)["input_ids"]
        return x

    return fn


def get_model():
    net = AutoModelForSeq2SeqLM.from_pretrained(NAME)
    net = get_peft_model(net, LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=16, lora_alpha=32, target_modules=["q", "v"]))
    # freeze the backbone
    for p in net.parameters():
        p.requires_grad = False  # expect: PEFT412
    return net


if __name__ == "__main__":
    tokenizer = AutoTokenizer.from_pretrained(NAME)
    model = get_model()
    data = load_dataset("knkarthick/samsum").map(preprocess(tokenizer), batched=True)
    trainer = Seq2SeqTrainer(
        model=model,
        args=Seq2SeqTrainingArguments("t5-samsum", per_device_train_batch_size=16, learning_rate=1e-3),
        train_dataset=data["train"],
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=model),
    )
    trainer.train()
    model.save_pretrained("t5-samsum/lora")
