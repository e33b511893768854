from transformers import Trainer

from autotune import models


def train(config, args, data):
    trainer = Trainer(model=models.get_model(config), args=args, train_dataset=data)
    trainer.train()
    trainer.save_model(config.output)
