import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

from vocab import BASE, OUT, SpecialTokens

tokenizer = AutoTokenizer.from_pretrained(BASE)
tokenizer.add_tokens(SpecialTokens.list(), special_tokens=True)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.bfloat16)
model.resize_token_embeddings(len(tokenizer))
config = LoraConfig(r=64, lora_alpha=128, lora_dropout=0.0, target_modules=["q_proj", "v_proj"], modules_to_save=["embed_tokens", "lm_head"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.print_trainable_parameters()

ds = load_dataset("smangrul/assistant_chatbot_dataset", split="train")
S = SpecialTokens


def render(r):
    t = f"{S.begin_context.value} {r['context']} {S.end_context.value} {S.begin_target.value} {r['response']} {S.end_target.value}"
    return tokenizer(t + tokenizer.eos_token, truncation=True, max_length=256)


ds = ds.map(render, remove_columns=ds.column_names)
Trainer(model, TrainingArguments("runs/tok", per_device_train_batch_size=8, num_train_epochs=3, bf16=True, report_to="none"), train_dataset=ds, data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False)).train()
model.save_pretrained(OUT)
tokenizer.save_pretrained(OUT)
