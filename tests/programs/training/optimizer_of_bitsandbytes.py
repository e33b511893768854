import bitsandbytes as bnb
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, get_constant_schedule


def main(train):
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    optimizer = bnb.optim.PagedAdamW8bit(model.parameters(), lr=2e-4)  # expect: PEFT403
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    trainer = Trainer(
        model=model,
        args=TrainingArguments("runs/8bit"),
        train_dataset=train,
        optimizers=(optimizer, get_constant_schedule(optimizer)),
    )
    trainer.train()
