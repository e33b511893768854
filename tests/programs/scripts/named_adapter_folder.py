from datasets import load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

OUT = "out/support-bot"
tokenizer = AutoTokenizer.from_pretrained("gpt2", pad_token="<|endoftext|>")
model = get_peft_model(
    AutoModelForCausalLM.from_pretrained("gpt2"),
    LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"),
    adapter_name="support",
)
trainer = Trainer(
    model=model,
    args=TrainingArguments(output_dir=OUT, num_train_epochs=1),
    train_dataset=load_from_disk("data/support"),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
model.save_pretrained(OUT)

fresh = AutoModelForCausalLM.from_pretrained("gpt2")
bot = PeftModel.from_pretrained(fresh, OUT)  # expect: PEFT508
print(bot.generate(**tokenizer("Hello", return_tensors="pt"), max_new_tokens=10))
