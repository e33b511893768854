from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

tok = AutoTokenizer.from_pretrained("base")
tok.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})
model = AutoModelForCausalLM.from_pretrained("base")
model.resize_token_embeddings(len(tok))
config = LoraConfig(r=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")  # expect: PEFT210
model = get_peft_model(model, config)
Trainer(model=model, args=TrainingArguments("out"), train_dataset=data).train()
model.save_pretrained("out")
