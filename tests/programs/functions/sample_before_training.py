"""Sample before and after fine-tuning, to see the difference."""
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, default_data_collator

NAME = "gpt2"
tokenizer = AutoTokenizer.from_pretrained(NAME)


def sample(model, prompt="Roses are red,"):
    model.eval()
    batch = tokenizer(prompt, return_tensors="pt").to(model.device)
    with torch.no_grad():
        out = model.generate(**batch, max_new_tokens=40, do_sample=True, top_p=0.9)
    model.train()
    return tokenizer.decode(out[0], skip_special_tokens=True)


def main(dataset):
    model = AutoModelForCausalLM.from_pretrained(NAME)
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    print("before:", sample(model))
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir="out/poems", num_train_epochs=3, report_to="none"),
        train_dataset=dataset,
        data_collator=default_data_collator,
    )
    trainer.train()
    print("after:", sample(model))
    model.save_pretrained("out/poems")


main(torch.load("poems.pt", weights_only=False))
