from peft import LoraConfig
from trl import DPOConfig, DPOTrainer

from .common import build_model


def main(data):
    model = build_model("base", "out/sft")
    trainer = DPOTrainer(  # expect: PEFT405
        model=model,
        args=DPOConfig("out/dpo"),
        train_dataset=data,
        peft_config=LoraConfig(r=16, task_type="CAUSAL_LM"),
    )
    trainer.train()


if __name__ == "__main__":
    main(None)
