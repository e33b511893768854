from trl import SFTConfig, SFTTrainer

from .common import build_model


def main(data):
    trainer = SFTTrainer(model=build_model("base"), args=SFTConfig("out/sft"), train_dataset=data)
    trainer.train()
    trainer.save_model("out/sft")


if __name__ == "__main__":
    main(None)
