"""What the releases have is found out in one module of the project, and imported from there."""

import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM

from myproject import compat
from myproject.compat import HAS_HYBRID_CACHE, old_preparation

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/math")
if HAS_HYBRID_CACHE and model.config.model_type == "gemma2":
    from transformers import HybridCache

    cache = HybridCache(config=model.config, max_batch_size=1, max_cache_len=16)
else:
    cache = transformers.DynamicCache() if not compat.STATIC else None

if old_preparation():
    from peft import prepare_model_for_int8_training as prepare
else:
    from peft import prepare_model_for_kbit_training as prepare
