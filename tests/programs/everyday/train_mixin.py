# Fine-tune OPT on quotes through the transformers adapter integration.
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

BASE = "facebook/opt-350m"


def tokenize(batch, tok):
    return tok(batch["quote"], truncation=True, max_length=128)


def main():
    tok = AutoTokenizer.from_pretrained(BASE)
    model = AutoModelForCausalLM.from_pretrained(BASE)
    peft_config = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.05, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model.add_adapter(peft_config, adapter_name="quotes")

    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"trainable: {trainable:,}")

    ds = load_dataset("Abirate/english_quotes", split="train")
    ds = ds.map(tokenize, batched=True, fn_kwargs={"tok": tok}, remove_columns=ds.column_names)
    trainer = Trainer(
        model=model,
        args=TrainingArguments("opt-quotes", per_device_train_batch_size=8, max_steps=400, learning_rate=2e-4, report_to="none"),
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    trainer.train()
    model.save_pretrained("opt-quotes/final")

    model.eval()
    enc = tok("Two things are infinite:", return_tensors="pt").to(model.device)
    print(tok.decode(model.generate(**enc, max_new_tokens=30)[0], skip_special_tokens=True))


if __name__ == "__main__":
    main()
