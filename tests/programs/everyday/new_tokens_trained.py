# Add emotion tokens to a model and train just their embeddings besides the LoRA weights.
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

TOKENS = ["<joy>", "<anger>", "<fear>", "<sadness>"]


def build(name):
    tok = AutoTokenizer.from_pretrained(name)
    tok.add_tokens(TOKENS, special_tokens=True)
    model = AutoModelForCausalLM.from_pretrained(name)
    model.resize_token_embeddings(len(tok))
    config = LoraConfig(
        r=8,
        lora_alpha=16,
        target_modules=["q_proj", "v_proj"],
        trainable_token_indices={"embed_tokens": tok.convert_tokens_to_ids(TOKENS)},
        task_type="CAUSAL_LM",
    )
    return tok, get_peft_model(model, config)


if __name__ == "__main__":
    tok, model = build("HuggingFaceTB/SmolLM2-360M")
    tok.pad_token = tok.eos_token
    emo = load_dataset("dair-ai/emotion", split="train")
    names = emo.features["label"].names
    emo = emo.filter(lambda r: f"<{names[r['label']]}>" in TOKENS)
    emo = emo.map(lambda r: tok(f"<{names[r['label']]}> {r['text']}", truncation=True, max_length=96), remove_columns=emo.column_names)
    trainer = Trainer(
        model=model,
        args=TrainingArguments("emo", per_device_train_batch_size=16, max_steps=2000, learning_rate=3e-4, report_to="none"),
        train_dataset=emo,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    trainer.train()
    model.save_pretrained("emo/final")
    tok.save_pretrained("emo/final")
