"""A config of TRL takes what that of transformers takes: one of the releases in use still knows `warmup_ratio`."""
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

model = AutoModelForCausalLM.from_pretrained("gpt2-medium")
tokenizer = AutoTokenizer.from_pretrained("gpt2-medium")
trainer = DPOTrainer(
    model=model,
    args=DPOConfig(output_dir="out", beta=0.1, warmup_ratio=0.1, max_prompt_length=256),
    processing_class=tokenizer,
    train_dataset=load_dataset("json", data_files="pairs.jsonl", split="train"),
    peft_config=LoraConfig(r=16, target_modules=["c_attn"], task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model("out")
