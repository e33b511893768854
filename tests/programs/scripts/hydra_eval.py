"""Evaluate a tuned adapter with hydra."""
import hydra
import torch
from omegaconf import DictConfig
from peft import LoraConfig, PeftConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


def build(cfg: DictConfig):
    base = AutoModelForCausalLM.from_pretrained(cfg.model.name, torch_dtype=torch.bfloat16)
    peft_cfg = PeftConfig.from_pretrained(cfg.adapter.path)
    return get_peft_model(base, peft_cfg)  # expect: PEFT102


@hydra.main(config_path="conf", config_name="eval", version_base=None)
def main(cfg: DictConfig) -> None:
    tok = AutoTokenizer.from_pretrained(cfg.model.name)
    model = build(cfg).eval()
    for prompt in cfg.prompts:
        ids = tok(prompt, return_tensors="pt")
        with torch.no_grad():
            print(tok.decode(model.generate(**ids, max_new_tokens=64)[0]))


if __name__ == "__main__":
    main()
