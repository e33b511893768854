"""Configs that say all that the trainer has to know; one is for a trainer whose model is a name."""
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-2-7b-hf")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-2-7b-hf")
tokenizer.add_tokens(["<tool>", "</tool>"])
model.resize_token_embeddings(len(tokenizer))
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="tools"),
    train_dataset=load_dataset("json", data_files="tools.jsonl", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(
        target_modules=["q_proj", "v_proj"], modules_to_save=["embed_tokens", "lm_head"], task_type="CAUSAL_LM"
    ),
)
trainer.train()

SFTTrainer(
    model="gpt2",
    args=SFTConfig(output_dir="plain"),
    train_dataset=load_dataset("json", data_files="tools.jsonl", split="train"),
    peft_config=LoraConfig(target_modules=["c_attn"]),
).train()

judge = AutoModelForSequenceClassification.from_pretrained("facebook/opt-350m", num_labels=1)
RewardTrainer(
    model=judge,
    args=RewardConfig(output_dir="rewards"),
    train_dataset=load_dataset("json", data_files="pairs.jsonl", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS"),
).train()
