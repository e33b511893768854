from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

NAME = "EleutherAI/pythia-160m"
tokenizer = AutoTokenizer.from_pretrained(NAME)
tokenizer.pad_token = tokenizer.eos_token
base = AutoModelForCausalLM.from_pretrained(NAME)
lora = LoraConfig(r=8, target_modules=["query_key_value"], task_type="CAUSAL_LM")
peft_model = get_peft_model(base, lora)

trainer = Trainer(
    model=peft_model,
    args=TrainingArguments(output_dir="out/pythia", num_train_epochs=1, report_to="none"),
    train_dataset=load_from_disk("data/train"),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()

peft_model.save_pretrained("out/pythia/adapter")
peft_model.base_model.save_pretrained("out/pythia/full")  # expect: PEFT509
tokenizer.save_pretrained("out/pythia/full")
