from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer


def length_reward(completions, **kwargs):
    return [-abs(60 - len(completion)) / 60 for completion in completions]


name = "Qwen/Qwen2.5-0.5B-Instruct"
tokenizer = AutoTokenizer.from_pretrained(name, padding_side="left")
base = AutoModelForCausalLM.from_pretrained(name)

# the SFT adapter becomes part of the base, GRPO trains one of its own
model = PeftModel.from_pretrained(base, "out/sft").merge_and_unload()
model.save_pretrained("out/grpo/base")

trainer = GRPOTrainer(
    model=model,
    reward_funcs=length_reward,
    args=GRPOConfig(output_dir="out/grpo", num_generations=4, max_completion_length=128),
    train_dataset=load_dataset("trl-lib/tldr", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model("out/grpo/final")
