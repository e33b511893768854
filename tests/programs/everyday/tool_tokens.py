# Teach a model special tool-call tokens with LoRA.
import json

import torch
from peft import LoraConfig, get_peft_model
from torch.utils.data import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq, Trainer, TrainingArguments

BASE = "TinyLlama/TinyLlama_v1.1"
NEW_TOKENS = ["<tool_call>", "</tool_call>", "<tool_result>", "</tool_result>", "<arg>", "</arg>"]


class ToolData(Dataset):
    def __init__(self, path, tok, max_len=768):
        self.rows = []
        with open(path) as fh:
            for line in fh:
                r = json.loads(line)
                p = tok(r["prompt"]).input_ids
                c = tok(r["completion"]).input_ids + [tok.eos_token_id]
                ids = (p + c)[:max_len]
                self.rows.append(
                    {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": ([-100] * len(p) + c)[:max_len]}
                )

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


tok = AutoTokenizer.from_pretrained(BASE)
tok.pad_token = tok.eos_token
added = tok.add_tokens(NEW_TOKENS, special_tokens=True)
model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.bfloat16)
model.resize_token_embeddings(len(tok))
print("added", added, "tokens")

config = LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")  # expect: PEFT210
model = get_peft_model(model, config)
model.print_trainable_parameters()

trainer = Trainer(
    model=model,
    args=TrainingArguments("tool-lora", per_device_train_batch_size=4, num_train_epochs=3, learning_rate=2e-4, bf16=True, report_to="none"),
    train_dataset=ToolData("tools.jsonl", tok),
    data_collator=DataCollatorForSeq2Seq(tok, padding=True, label_pad_token_id=-100),
)
trainer.train()
model.save_pretrained("tool-lora/final")
tok.save_pretrained("tool-lora/final")
