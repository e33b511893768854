# DPO with an explicit reference model.
from copy import deepcopy

import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer


def main(model_path="Qwen/Qwen1.5-1.8B-Chat"):
    tokenizer = AutoTokenizer.from_pretrained(model_path)
    model = AutoModelForCausalLM.from_pretrained(model_path, torch_dtype=torch.bfloat16)
    model_ref = deepcopy(model)
    peft_config = LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    data = load_dataset("json", data_files={"train": "pairs.train.json", "eval": "pairs.eval.json"})

    args = DPOConfig(
        output_dir="qwen-dpo",
        beta=0.1,
        max_length=1024,
        max_prompt_length=512,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        learning_rate=5e-6,
        bf16=True,
        remove_unused_columns=False,
    )
    trainer = DPOTrainer(  # expect: PEFT406
        model,
        ref_model=model_ref,
        args=args,
        train_dataset=data["train"],
        eval_dataset=data["eval"],
        tokenizer=tokenizer,
        peft_config=peft_config,
    )
    trainer.train()
    trainer.save_model("qwen-dpo")


if __name__ == "__main__":
    main()
