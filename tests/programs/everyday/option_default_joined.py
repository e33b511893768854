import argparse

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="huggyllama/llama-7b")
    parser.add_argument("--lora-rank", type=int, default=8)
    parser.add_argument("--target-modules", type=str, default="q_proj,k_proj,v_proj", help="layers with LoRA")
    parser.add_argument("--modules-to-save", default="lm_head")
    return parser.parse_args()


def main():
    args = options()
    config = LoraConfig(
        r=args.lora_rank,
        target_modules=args.target_modules,  # expect: PEFT206
        modules_to_save=args.modules_to_save,  # expect: PEFT207
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(args.model), config)
    model.print_trainable_parameters()


main()
