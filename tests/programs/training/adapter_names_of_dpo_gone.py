"""DPO with named adapters, as it was written before TRL 0.29 took the names away."""
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

SFT = "out/sft"
name = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(name)

model = AutoModelForCausalLM.from_pretrained(name)
model = PeftModel.from_pretrained(model, SFT, is_trainable=True, adapter_name="policy")
model.load_adapter(SFT, adapter_name="reference")
model.set_adapter("policy")
model.train()

args = DPOConfig(
    output_dir="out/dpo",
    model_adapter_name="policy",  # expect: PEFT901
    ref_adapter_name="reference",  # expect: PEFT901
)
trainer = DPOTrainer(
    model,
    args=args,
    train_dataset=load_dataset("trl-lib/ultrafeedback_binarized", split="train"),
    processing_class=tokenizer,
)
trainer.train()
