"""A trainer always has `save_model`: the other branch is for objects that stand in for one."""
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer


def train(data, out):
    model = AutoModelForCausalLM.from_pretrained("base")
    trainer = SFTTrainer(
        model=model, args=SFTConfig(out), train_dataset=data, peft_config=LoraConfig(r=8, task_type="CAUSAL_LM")
    )
    trainer.train()
    if hasattr(trainer, "save_model"):
        trainer.save_model(out)
    elif hasattr(model, "save_pretrained"):
        model.save_pretrained(out)
