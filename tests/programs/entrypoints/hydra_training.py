"""Hydra entry point: what is done depends on the configuration."""
import logging

import hydra
import torch
from omegaconf import DictConfig, OmegaConf
from peft import LoraConfig, PeftModel, TaskType, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

log = logging.getLogger(__name__)


def build(cfg: DictConfig):
    quantization = BitsAndBytesConfig(load_in_4bit=True) if cfg.model.four_bit else None
    model = AutoModelForCausalLM.from_pretrained(cfg.model.name, quantization_config=quantization)
    if cfg.model.four_bit:
        model = prepare_model_for_kbit_training(model)
    if cfg.peft.resume:
        return PeftModel.from_pretrained(model, cfg.peft.resume, is_trainable=cfg.peft.trainable)
    options = OmegaConf.to_container(cfg.peft.lora, resolve=True)
    return get_peft_model(model, LoraConfig(task_type=TaskType.CAUSAL_LM, **options))


@hydra.main(config_path="conf", config_name="train", version_base=None)
def main(cfg: DictConfig) -> None:
    log.info("\n%s", OmegaConf.to_yaml(cfg))
    model = build(cfg)
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError("nothing to train")
    optimizer = hydra.utils.instantiate(cfg.optimizer, parameters)
    loader = hydra.utils.instantiate(cfg.data)
    for step, batch in enumerate(loader):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % cfg.log_every == 0:
            log.info("%d %.4f", step, loss.item())
    model.save_pretrained(cfg.out)


if __name__ == "__main__":
    main()
