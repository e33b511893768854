from config import ADAPTERS, BASE, saved

for name in ADAPTERS:
    config = saved(name)
    mark = "" if config.base_model_name_or_path == BASE else f" (not {BASE}!)"
    print(f"{name}: {config.peft_type} on {config.base_model_name_or_path}{mark}")
