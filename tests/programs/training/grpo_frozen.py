from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer


def length_reward(completions, **kwargs):
    return [-abs(60 - len(completion)) / 60 for completion in completions]


def format_reward(completions, **kwargs):
    return [1.0 if completion.strip().endswith(".") else 0.0 for completion in completions]


name = "Qwen/Qwen2.5-0.5B-Instruct"
tokenizer = AutoTokenizer.from_pretrained(name, padding_side="left")
base = AutoModelForCausalLM.from_pretrained(name)

# start from the SFT adapter
model = PeftModel.from_pretrained(base, "out/sft")  # expect: PEFT401

trainer = GRPOTrainer(
    model=model,
    reward_funcs=[length_reward, format_reward],
    args=GRPOConfig(output_dir="out/grpo", num_generations=4, max_completion_length=128),
    train_dataset=load_dataset("trl-lib/tldr", split="train"),
    processing_class=tokenizer,
)
trainer.train()
trainer.save_model("out/grpo/final")
