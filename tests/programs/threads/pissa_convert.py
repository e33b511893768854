"""PiSSA finetuning, exported as ordinary LoRA on top of the original base."""
import argparse
import os

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

ap = argparse.ArgumentParser()
ap.add_argument("--base", default="meta-llama/Llama-2-7b-hf")
ap.add_argument("--out", default="output/pissa-llama-2-7b-r16-alpaca")
ap.add_argument("--rank", type=int, default=16)
args = ap.parse_args()

tokenizer = AutoTokenizer.from_pretrained(args.base)
tokenizer.pad_token_id = tokenizer.eos_token_id
model = AutoModelForCausalLM.from_pretrained(args.base, torch_dtype=torch.bfloat16, device_map="auto")
lora_config = LoraConfig(r=args.rank, lora_alpha=args.rank, init_lora_weights="pissa_niter_16", lora_dropout=0, target_modules=["q_proj", "o_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "down_proj"], bias="none", task_type="CAUSAL_LM")
peft_model = get_peft_model(model, lora_config)
peft_model.print_trainable_parameters()

# initial residual adapter for the conversion later
peft_model.peft_config["default"].init_lora_weights = True
peft_model.save_pretrained(os.path.join(args.out, "pissa_init"))
peft_model.peft_config["default"].init_lora_weights = "pissa_niter_16"

data = load_dataset("fxmeng/pissa-dataset", data_dir="metamath", split="train[:20000]")
data = data.map(lambda e: {"text": f"### Instruction:\n{e['instruction']}\n\n### Response: {e['output']}\n{tokenizer.eos_token}"}, remove_columns=data.column_names)
trainer = SFTTrainer(
    model=peft_model,
    train_dataset=data,
    processing_class=tokenizer,
    args=SFTConfig(args.out, dataset_text_field="text", max_length=512, per_device_train_batch_size=4, gradient_accumulation_steps=8, num_train_epochs=1, learning_rate=2e-5, bf16=True, report_to="none"),
)
trainer.train()
peft_model.save_pretrained(os.path.join(args.out, "pissa_lora"), path_initial_model_for_weight_conversion=os.path.join(args.out, "pissa_init"))
