from peft import LoraConfig

TARGETS = ["q_proj", "v_proj", "down_proj"]


def lora_from_args(args):
    return LoraConfig(r=args.lora_r, lora_alpha=args.lora_r * 2, lora_dropout=0.05, target_modules=TARGETS)
