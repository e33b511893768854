import argparse
import os

from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--resume", default=None)
    args = ap.parse_args()
    model = AutoModelForCausalLM.from_pretrained("base")
    model = get_peft_model(model, LoraConfig(r=8, task_type="CAUSAL_LM"))
    if args.resume and os.path.exists(os.path.join(args.resume, "adapter_model.safetensors")):
        weights = load_file(os.path.join(args.resume, "adapter_model.safetensors"))
        model = set_peft_model_state_dict(model, weights)  # expect: PEFT110
    model.print_trainable_parameters()
    Trainer(model=model, args=TrainingArguments("out"), train_dataset=data).train()


main()
