"""The teacher is read a second time: no adapter is in it."""

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class Anchored(Trainer):
    def __init__(self, *args, anchor=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.anchor = anchor

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        outputs = model(**inputs)
        with torch.no_grad():
            wanted = self.anchor(**inputs).logits.softmax(-1)
        loss = outputs.loss + F.kl_div(outputs.logits.log_softmax(-1), wanted, reduction="batchmean")
        return (loss, outputs) if return_outputs else loss


def main(train):
    base = AutoModelForCausalLM.from_pretrained("gpt2")
    student = get_peft_model(base, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    anchor = AutoModelForCausalLM.from_pretrained("gpt2").eval()
    Anchored(model=student, anchor=anchor, args=TrainingArguments("runs/a"), train_dataset=train).train()
    student.save_pretrained("runs/a/adapter")
