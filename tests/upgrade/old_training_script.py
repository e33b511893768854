"""Training as it was written in 2023, for peft 0.3 and transformers 4.30."""

import torch
import transformers
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, prepare_model_for_int8_training
from transformers import AutoModelForCausalLM, AutoTokenizer


def train(base_model="tiny-llama", output_dir="lora-alpaca", eight_bit=False):
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    model = AutoModelForCausalLM.from_pretrained(
        base_model,
        load_in_8bit=eight_bit,
        torch_dtype=torch.float32,
    )
    model = prepare_model_for_int8_training(model)
    config = LoraConfig(
        r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.0, task_type="CAUSAL_LM"
    )
    model = get_peft_model(model, config)

    data = [tokenizer(text) for text in ("2 + 2 = 4", "3 + 3 = 6", "1 + 5 = 6", "4 + 4 = 8")]
    trainer = transformers.Trainer(
        model=model,
        train_dataset=data,
        eval_dataset=data,
        tokenizer=tokenizer,
        args=transformers.TrainingArguments(
            output_dir="runs",
            per_device_train_batch_size=2,
            max_steps=3,
            learning_rate=3e-2,
            evaluation_strategy="no",  # no time for more
            save_strategy="no",
            report_to=[],
            no_cuda=True,
        ),
        data_collator=transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False),
    )
    model.config.use_cache = False

    old_state_dict = model.state_dict
    model.state_dict = (lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())).__get__(
        model, type(model)
    )

    trainer.train()
    model.save_pretrained(output_dir)
    return model


if __name__ == "__main__":
    model = train()
