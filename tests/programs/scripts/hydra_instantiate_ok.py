"""Hydra: the config decides whether to resume; both branches are right."""
import hydra
from omegaconf import DictConfig, OmegaConf
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


@hydra.main(config_path="conf", config_name="train", version_base=None)
def main(cfg: DictConfig):
    model = AutoModelForCausalLM.from_pretrained(cfg.base)
    if cfg.resume_from is not None:
        model = PeftModel.from_pretrained(model, cfg.resume_from, is_trainable=True)
    else:
        model = get_peft_model(model, LoraConfig(**OmegaConf.to_container(cfg.lora)))
    trainer = Trainer(model=model, args=TrainingArguments(**cfg.training), train_dataset=hydra.utils.instantiate(cfg.data))
    trainer.train()
    model.save_pretrained(cfg.out)


if __name__ == "__main__":
    main()
