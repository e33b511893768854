# Second SFT stage on top of a merged first stage.
import torch
from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

BASE, STAGE1, OUT = "google/gemma-2-2b", "runs/gemma-stage1", "runs/gemma-stage2"

tokenizer = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16)
model = PeftModel.from_pretrained(model, STAGE1)
model = model.merge_and_unload()

trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir=OUT, max_length=1024, per_device_train_batch_size=2, num_train_epochs=1),
    train_dataset=load_dataset("json", data_files="stage2.jsonl", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model(OUT)
