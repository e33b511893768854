from transformers import Qwen2ForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments, DataCollatorWithPadding
from peft import LoraConfig, get_peft_model
from datasets import load_dataset, Value
import torch, argparse

parser = argparse.ArgumentParser()
parser.add_argument("--model_id", type=str, default="Qwen/Qwen2.5-0.5B")
parser.add_argument("--lr", type=float, default=2e-4)
parser.add_argument("--rank", type=int, default=64)
parser.add_argument("--freeze_embed", action="store_true")
parser.add_argument("--output_dir", default="output/cls_lora")
args = parser.parse_args()


def find_target_linear_names(model, exclude=("lm_head",)):
    # unused for now, list was hard coded after a crash
    names = []
    for n, m in model.named_modules():
        if isinstance(m, torch.nn.Linear) and not any(e in n for e in exclude):
            names.append(n)
    return names


tokenizer = AutoTokenizer.from_pretrained(args.model_id)
model = Qwen2ForSequenceClassification.from_pretrained(args.model_id, num_labels=5, torch_dtype=torch.bfloat16)
model.config.pad_token_id = tokenizer.pad_token_id

peft_config = LoraConfig(
    r=args.rank,
    lora_alpha=args.rank,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "score"],  # expect: PEFT208
    lora_dropout=0.05,
    bias="none",
)
model = get_peft_model(model, peft_config)
model.print_trainable_parameters()

ds = load_dataset("Yelp/yelp_review_full")
ds = ds.map(lambda b: tokenizer(b["text"], truncation=True, max_length=384), batched=True, remove_columns=["text"])
trainer = Trainer(
    model=model,
    args=TrainingArguments(args.output_dir, learning_rate=args.lr, per_device_train_batch_size=8, max_steps=2000, bf16=True, logging_steps=20),
    train_dataset=ds["train"],
    data_collator=DataCollatorWithPadding(tokenizer),
)
trainer.train()
model.save_pretrained(args.output_dir)
