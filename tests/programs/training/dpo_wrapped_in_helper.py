"""The helper wraps the model, and returns the config as well."""
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer


def build(name):
    model = AutoModelForCausalLM.from_pretrained(name)
    tokenizer = AutoTokenizer.from_pretrained(name)
    lora = LoraConfig(r=8, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    model.print_trainable_parameters()
    return model, tokenizer, lora


def main():
    model, tokenizer, lora = build("HuggingFaceTB/SmolLM2-135M-Instruct")
    pairs = load_dataset("trl-lib/ultrafeedback_binarized", split="train[:5%]")
    trainer = DPOTrainer(  # expect: PEFT405
        model,
        ref_model=None,
        args=DPOConfig(output_dir="dpo", beta=0.1),
        train_dataset=pairs,
        processing_class=tokenizer,
        peft_config=lora,
    )
    trainer.train()
    trainer.save_model("dpo/final")


if __name__ == "__main__":
    main()
