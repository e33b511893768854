# Train a new adapter or continue an existing one.
import argparse

from datasets import load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

parser = argparse.ArgumentParser()
parser.add_argument("--base", default="Qwen/Qwen2.5-0.5B")
parser.add_argument("--adapter")
parser.add_argument("--do_train", action="store_true")
parser.add_argument("--output", default="out")
args = parser.parse_args()

tokenizer = AutoTokenizer.from_pretrained(args.base)
model = AutoModelForCausalLM.from_pretrained(args.base)
if args.adapter:
    model = PeftModel.from_pretrained(model, args.adapter, is_trainable=args.do_train)
else:
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, target_modules=["q_proj", "v_proj"]))

data = load_from_disk("data/tok")
trainer = Trainer(
    model=model,
    args=TrainingArguments(args.output, per_device_train_batch_size=4, learning_rate=2e-4),
    train_dataset=data["train"],
    eval_dataset=data["test"],
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
if args.do_train:
    trainer.train()
    model.save_pretrained(args.output)
print(trainer.evaluate())
