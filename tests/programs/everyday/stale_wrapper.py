# After training: merge and save next to the tokenizer.
import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

NAME = "HuggingFaceTB/SmolLM2-135M"
tokenizer = AutoTokenizer.from_pretrained(NAME)
base = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.bfloat16)

trainer = SFTTrainer(
    model=base,
    args=SFTConfig(output_dir="smol-run", max_length=512, max_steps=200),
    train_dataset=load_dataset("stanfordnlp/imdb", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()

peft_model = trainer.model
merged_model = peft_model.merge_and_unload()
print(type(merged_model).__name__, sum(p.numel() for p in merged_model.parameters()))

peft_model.save_pretrained("smol-merged")  # expect: PEFT502
tokenizer.save_pretrained("smol-merged")
