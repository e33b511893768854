from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

BASE = "meta-llama/Llama-3.2-1B"
TOOLS = ["<tool_call>", "</tool_call>", "<tool_result>", "</tool_result>"]

tokenizer = AutoTokenizer.from_pretrained(BASE)
tokenizer.pad_token = tokenizer.eos_token
added = tokenizer.add_special_tokens({"additional_special_tokens": TOOLS})
model = AutoModelForCausalLM.from_pretrained(BASE)
if added:
    model.resize_token_embeddings(len(tokenizer))

config = LoraConfig(  # expect: PEFT210
    r=16,
    lora_alpha=32,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)

trainer = Trainer(
    model=model,
    args=TrainingArguments(output_dir="tools", num_train_epochs=2),
    train_dataset=load_from_disk("data/tools"),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
model.save_pretrained("tools/final")
tokenizer.save_pretrained("tools/final")
