import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class Anchored(Trainer):
    def __init__(self, *args, anchor=None, weight=0.2, **kwargs):
        super().__init__(*args, **kwargs)
        self.anchor, self.weight = anchor, weight

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        outputs = model(**inputs)
        with torch.no_grad():
            wanted = self.anchor(**inputs).logits.softmax(-1)  # expect: PEFT112
        distance = F.kl_div(outputs.logits.log_softmax(-1), wanted, reduction="batchmean")
        loss = outputs.loss + self.weight * distance
        return (loss, outputs) if return_outputs else loss


def main(train):
    base = AutoModelForCausalLM.from_pretrained("gpt2")
    student = get_peft_model(base, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    trainer = Anchored(model=student, anchor=base, args=TrainingArguments("runs/anchored"), train_dataset=train)
    trainer.train()
    student.save_pretrained("runs/anchored/adapter")
