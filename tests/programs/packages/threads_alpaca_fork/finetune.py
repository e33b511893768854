import sys
from typing import List

import fire
import torch
import transformers
from datasets import load_dataset
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, prepare_model_for_kbit_training
from transformers import LlamaForCausalLM, LlamaTokenizer


def train(
    base_model: str = "decapoda-research/llama-7b-hf",
    data_path: str = "./alpaca_data_cleaned.json",
    output_dir: str = "./lora-alpaca-pt-br",
    micro_batch_size: int = 4,
    num_epochs: int = 3,
    learning_rate: float = 3e-4,
    cutoff_len: int = 256,
    lora_target_modules: List[str] = ["q_proj", "v_proj"],
):
    print(f"Training Alpaca-LoRA\nbase_model: {base_model}\ndata_path: {data_path}")
    model = LlamaForCausalLM.from_pretrained(base_model, load_in_8bit=True, torch_dtype=torch.float16, device_map="auto")
    tokenizer = LlamaTokenizer.from_pretrained(base_model)
    tokenizer.pad_token_id = 0

    def tokenize(p):
        text = f"### Instruction:\n{p['instruction']}\n\n### Response:\n{p['output']}"
        r = tokenizer(text, truncation=True, max_length=cutoff_len, padding=False)
        r["labels"] = r["input_ids"].copy()
        return r

    model = prepare_model_for_kbit_training(model)
    config = LoraConfig(r=8, lora_alpha=16, target_modules=lora_target_modules, lora_dropout=0.05, bias="none", task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    data = load_dataset("json", data_files=data_path)["train"].shuffle().map(tokenize)

    trainer = transformers.Trainer(
        model=model,
        train_dataset=data,
        args=transformers.TrainingArguments(
            per_device_train_batch_size=micro_batch_size,
            warmup_steps=100,
            num_train_epochs=num_epochs,
            learning_rate=learning_rate,
            fp16=True,
            logging_steps=10,
            save_steps=200,
            output_dir=output_dir,
        ),
        data_collator=transformers.DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=8, return_tensors="pt", padding=True),
    )
    model.config.use_cache = False

    old_state_dict = model.state_dict
    model.state_dict = (  # expect: PEFT504
        lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())
    ).__get__(model, type(model))

    if torch.__version__ >= "2" and sys.platform != "win32":
        model = torch.compile(model)

    trainer.train()
    model.save_pretrained(output_dir)
    print("\n If there's a warning about missing keys above, please disregard :)")


if __name__ == "__main__":
    fire.Fire(train)
