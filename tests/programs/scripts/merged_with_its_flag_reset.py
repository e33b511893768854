# A hub folder holds base and adapter: merged, and transformers told that no adapter is left, before it is saved.
from peft import PeftConfig, PeftModel
from transformers import AutoModelForImageTextToText, AutoProcessor

model_id = "someone/embedder-qwen2-vl"

base_model = AutoModelForImageTextToText.from_pretrained(model_id)
lora_model = PeftModel.from_pretrained(base_model, model_id, config=PeftConfig.from_pretrained(model_id))
model = lora_model.merge_and_unload().to(dtype=base_model.dtype)
model._hf_peft_config_loaded = False  # needed to save the merged model

processor = AutoProcessor.from_pretrained(model_id)
model.save_pretrained("merged")
processor.save_pretrained("merged")
