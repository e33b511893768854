from trl import SFTTrainer

from tune import models


def train(config, args, data):
    model = models.get_model(config)
    trainer = SFTTrainer(  # expect: PEFT405
        model=model, args=args, train_dataset=data, peft_config=models.lora(config)
    )
    trainer.train()
