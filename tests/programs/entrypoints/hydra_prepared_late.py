import hydra
import torch
from omegaconf import DictConfig
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig


@hydra.main(config_path="conf", config_name="qlora", version_base=None)
def main(cfg: DictConfig) -> None:
    model = AutoModelForCausalLM.from_pretrained(
        cfg.model, quantization_config=BitsAndBytesConfig(load_in_8bit=True), device_map="auto"
    )
    lora = LoraConfig(r=cfg.rank, lora_alpha=cfg.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    model = prepare_model_for_kbit_training(model)  # expect: PEFT402
    model.print_trainable_parameters()

    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    for batch in hydra.utils.instantiate(cfg.data):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(cfg.out)


if __name__ == "__main__":
    main()
