import argparse, os, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from peft import PeftModel


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--base_model_name_or_path", type=str, default="bigcode/starcoderbase-1b")
    p.add_argument("--peft_model_path", type=str, default="/home/finetune/checkpoint-1000")
    p.add_argument("--push_to_hub", action="store_true")
    return p.parse_args()


def main():
    args = get_args()
    base_model = AutoModelForCausalLM.from_pretrained(args.base_model_name_or_path, return_dict=True, torch_dtype=torch.float16)
    model = PeftModel.from_pretrained(base_model, args.peft_model_path)
    model.merge_and_unload()  # expect: PEFT501
    tokenizer = AutoTokenizer.from_pretrained(args.base_model_name_or_path)

    dest = f"{os.path.basename(args.base_model_name_or_path)}-merged"
    if args.push_to_hub:
        print("Saving to hub ...")
        model.push_to_hub(dest, private=True)
        tokenizer.push_to_hub(dest, private=True)
    else:
        model.save_pretrained(dest)
        tokenizer.save_pretrained(dest)
        print(f"Model saved to {dest}")


if __name__ == "__main__":
    main()
