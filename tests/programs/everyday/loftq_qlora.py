# QLoRA fine-tuning with a better initialisation for the quantised weights.
import torch
from datasets import load_dataset
from peft import LoftQConfig, LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

MODEL = "meta-llama/Llama-2-7b-hf"

bnb_config = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_use_double_quant=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_compute_dtype=torch.bfloat16,
)
tokenizer = AutoTokenizer.from_pretrained(MODEL)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(MODEL, quantization_config=bnb_config, device_map="auto")
model = prepare_model_for_kbit_training(model)

peft_config = LoraConfig(
    r=16,
    lora_alpha=16,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj"],
    task_type="CAUSAL_LM",
    init_lora_weights="loftq",  # expect: PEFT205
    loftq_config=LoftQConfig(loftq_bits=4),
)
model = get_peft_model(model, peft_config)

data = load_dataset("timdettmers/openassistant-guanaco", split="train")
data = data.map(lambda r: tokenizer(r["text"], truncation=True, max_length=512), remove_columns=["text"])

trainer = Trainer(
    model=model,
    train_dataset=data,
    args=TrainingArguments(
        output_dir="guanaco-loftq",
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        max_steps=1000,
        learning_rate=2e-4,
        bf16=True,
    ),
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
trainer.save_model("guanaco-loftq/final")
