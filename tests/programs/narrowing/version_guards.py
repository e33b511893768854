"""Runs with old and new releases of peft and transformers."""
import importlib.metadata

import peft
import transformers
from packaging import version

PEFT = version.parse(importlib.metadata.version("peft"))
TRANSFORMERS = version.parse(transformers.__version__)

if PEFT >= version.parse("0.10.0"):
    from peft import prepare_model_for_kbit_training as prepare
else:
    from peft import prepare_model_for_int8_training as prepare

try:
    from peft import MissConfig
except ImportError:
    from peft import BoneConfig as MissConfig


def frozen_copy(model, name, path):
    """Loads a frozen reference beside the trainable adapter."""
    model.load_adapter(path, adapter_name="reference")
    if version.parse("0.18.0") <= PEFT < version.parse("0.21.0"):
        model.set_adapter(name)  # these releases freeze the active adapter
    model.train()


def make(base, r=8):
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    if hasattr(peft, "prepare_model_for_int8_training"):
        model = peft.prepare_model_for_int8_training(model)
    else:
        model = prepare(model)
    return peft.get_peft_model(model, MissConfig(r=r, target_modules=["q_proj", "v_proj"]), adapter_name="policy")
