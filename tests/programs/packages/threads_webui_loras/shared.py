model = None
tokenizer = None
model_name = "None"
lora_names = []
