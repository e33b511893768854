# Model factory used by training and serving code.
import logging
from typing import Optional

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

logger = logging.getLogger(__name__)


def load_for_serving(adapter_dir: str, device: str = "cuda"):
    peft_cfg = PeftConfig.from_pretrained(adapter_dir)
    base = AutoModelForCausalLM.from_pretrained(peft_cfg.base_model_name_or_path, dtype=torch.float16).to(device)
    tok = AutoTokenizer.from_pretrained(peft_cfg.base_model_name_or_path)
    return PeftModel.from_pretrained(base, adapter_dir).eval(), tok


def ensure_lora(model: PreTrainedModel, rank: int = 8, targets: Optional[list] = None):
    if isinstance(model, PeftModel):
        logger.info("model already has an adapter")
        return model
    cfg = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets or ["q_proj", "v_proj"], task_type="CAUSAL_LM")
    return get_peft_model(model, cfg)


def load_for_training(base_id: str, adapter_dir: Optional[str] = None):
    model = AutoModelForCausalLM.from_pretrained(base_id)
    if adapter_dir is not None:
        model = PeftModel.from_pretrained(model, adapter_dir, is_trainable=True)
    model = ensure_lora(model)
    model.print_trainable_parameters()
    return model


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    model, tok = load_for_serving("out/final")
    enc = tok("Hello", return_tensors="pt").to("cuda")
    print(tok.decode(model.generate(**enc, max_new_tokens=20)[0]))
