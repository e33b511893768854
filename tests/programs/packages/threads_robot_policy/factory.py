import logging

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM

log = logging.getLogger(__name__)


def load_policy(checkpoint, device="cuda"):
    """Load the action-token LM together with the adapter stored in the checkpoint folder."""
    peft_cfg = PeftConfig.from_pretrained(checkpoint)
    log.info("base policy: %s", peft_cfg.base_model_name_or_path)
    backbone = AutoModelForCausalLM.from_pretrained(peft_cfg.base_model_name_or_path, torch_dtype=torch.bfloat16)
    policy = PeftModel.from_pretrained(backbone, checkpoint, is_trainable=True)
    return policy.to(device)
