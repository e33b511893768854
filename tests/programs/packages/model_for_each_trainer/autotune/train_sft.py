from trl import SFTTrainer

from autotune import models


def train(config, args, data):
    model = models.get_model(config)
    if config.peft:
        peft_config = models.lora(config)
    trainer = SFTTrainer(
        model=model, args=args, train_dataset=data, peft_config=peft_config if config.peft else None
    )
    trainer.train()
    trainer.save_model(config.output)
