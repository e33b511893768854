# target: peft==0.17.1 transformers==4.56.2
import sys

import torch
import transformers
from datasets import load_dataset
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import LlamaForCausalLM, LlamaTokenizer

base_model, data_path, output_dir = sys.argv[1:4]
model = LlamaForCausalLM.from_pretrained(base_model, device_map="auto")
tokenizer = LlamaTokenizer.from_pretrained(base_model)
tokenizer.pad_token_id = 0

model = get_peft_model(
    model,
    LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05, task_type="CAUSAL_LM"),
)
data = load_dataset("json", data_files=data_path)["train"].map(lambda row: tokenizer(row["text"]))
trainer = transformers.Trainer(
    model=model,
    train_dataset=data,
    args=transformers.TrainingArguments(output_dir=output_dir, num_train_epochs=3, learning_rate=3e-4, bf16=True),
    data_collator=transformers.DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=8, return_tensors="pt"),
)
model.config.use_cache = False

old_state_dict = model.state_dict
model.state_dict = (lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())).__get__(  # expect: PEFT504
    model, type(model)
)
if torch.__version__ >= "2" and sys.platform != "win32":
    model = torch.compile(model)

trainer.train()
model.save_pretrained(output_dir)
