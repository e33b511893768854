# SFT followed by an immediate merge.
import torch
from datasets import load_dataset
from peft import AutoPeftModelForCausalLM, LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer


def main(output_dir="out/tinyllama-sft"):
    name = "TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T"
    tokenizer = AutoTokenizer.from_pretrained(name)
    trainer = SFTTrainer(
        model=name,
        args=SFTConfig(output_dir=output_dir, max_length=1024, num_train_epochs=1, per_device_train_batch_size=4),
        train_dataset=load_dataset("timdettmers/openassistant-guanaco", split="train"),
        processing_class=tokenizer,
        peft_config=LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM", target_modules="all-linear"),
    )
    trainer.train()
    trainer.save_model(output_dir)
    del trainer
    torch.cuda.empty_cache()

    model = AutoPeftModelForCausalLM.from_pretrained(output_dir, dtype=torch.bfloat16)
    model = model.merge_and_unload()
    model.save_pretrained(output_dir)  # expect: PEFT505
    tokenizer.save_pretrained(output_dir)


if __name__ == "__main__":
    main()
