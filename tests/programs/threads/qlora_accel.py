"""qlora.py-like get_accelerate_model with resume."""
import argparse
from os.path import exists, join

import bitsandbytes as bnb
import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, DataCollatorForLanguageModeling, Trainer, TrainerCallback, TrainingArguments


def find_all_linear_names(model):
    names = set()
    for name, module in model.named_modules():
        if isinstance(module, bnb.nn.Linear4bit):
            names.add(name.split(".")[-1])
    names.discard("lm_head")
    return list(names)


class SavePeftModelCallback(TrainerCallback):
    def on_save(self, args, state, control, **kwargs):
        folder = join(args.output_dir, f"checkpoint-{state.global_step}", "adapter_model")
        kwargs["model"].save_pretrained(folder)
        return control

    def on_train_end(self, args, state, control, **kwargs):
        open(join(args.output_dir, "completed"), "a").close()


def get_accelerate_model(args, checkpoint_dir):
    model = AutoModelForCausalLM.from_pretrained(
        args.model_name_or_path,
        device_map={"": 0},
        quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16),
        torch_dtype=torch.bfloat16,
    )
    model = prepare_model_for_kbit_training(model)
    if checkpoint_dir is not None:
        print("Loading adapters from checkpoint.")
        model = PeftModel.from_pretrained(model, join(checkpoint_dir, "adapter_model"), is_trainable=True)
    else:
        print("adding LoRA modules...")
        config = LoraConfig(r=64, lora_alpha=16, target_modules=find_all_linear_names(model), lora_dropout=0.1, bias="none", task_type="CAUSAL_LM")
        model = get_peft_model(model, config)
    for name, module in model.named_modules():
        if "norm" in name:
            module = module.to(torch.float32)
    return model


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--model_name_or_path", default="huggyllama/llama-7b")
    ap.add_argument("--output_dir", default="output/guanaco-7b")
    ap.add_argument("--checkpoint_dir", default=None)
    args = ap.parse_args()
    if exists(join(args.output_dir, "completed")):
        raise SystemExit("training was already completed")
    tok = AutoTokenizer.from_pretrained(args.model_name_or_path)
    tok.pad_token = tok.eos_token
    model = get_accelerate_model(args, args.checkpoint_dir)
    ds = load_dataset("timdettmers/openassistant-guanaco", split="train").map(lambda b: tok(b["text"], truncation=True, max_length=512), batched=True, remove_columns=["text"])
    trainer = Trainer(model=model, args=TrainingArguments(args.output_dir, max_steps=1875, save_steps=250, learning_rate=2e-4, bf16=True, max_grad_norm=0.3), train_dataset=ds, data_collator=DataCollatorForLanguageModeling(tok, mlm=False))
    trainer.add_callback(SavePeftModelCallback)
    trainer.train()
