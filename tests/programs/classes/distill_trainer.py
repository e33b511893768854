import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class DistillTrainer(Trainer):
    def __init__(self, *args, teacher=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.teacher = teacher

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        out = model(**inputs)
        with torch.no_grad():
            ref = self.teacher(**inputs).logits
        loss = F.kl_div(out.logits.log_softmax(-1), ref.softmax(-1), reduction="batchmean")
        return (loss, out) if return_outputs else loss


def main(data):
    teacher = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/teacher")
    student = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(task_type="CAUSAL_LM"))
    trainer = DistillTrainer(model=student, args=TrainingArguments("out"), train_dataset=data, teacher=teacher)
    trainer.train()
    student.save_pretrained("out")
