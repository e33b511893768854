# Bone adapters for a small Qwen model.
import argparse

import torch
from datasets import load_dataset
from peft import BoneConfig, get_peft_model  # expect: PEFT901
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rank", type=int, default=64)
    p.add_argument("--out", default="bone-qwen")
    a = p.parse_args()
    tok = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-0.5B")
    model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", dtype=torch.bfloat16)
    model = get_peft_model(model, BoneConfig(r=a.rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=a.out, max_length=512, num_train_epochs=1),
        train_dataset=load_dataset("trl-lib/Capybara", split="train"),
        processing_class=tok,
    )
    trainer.train()
    trainer.save_model(a.out)


if __name__ == "__main__":
    main()
