"""A Trainer with a KL term against the base model."""
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, default_data_collator


class RegularisedTrainer(Trainer):
    def __init__(self, *args, beta=0.1, **kwargs):
        super().__init__(*args, **kwargs)
        self.beta = beta

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        outputs = model(**inputs)
        reference_context = self.accelerator.unwrap_model(model).disable_adapter()
        with torch.no_grad(), reference_context:
            reference = model(**inputs).logits
        kl = F.kl_div(outputs.logits.log_softmax(-1), reference.softmax(-1), reduction="batchmean")
        loss = outputs.loss + self.beta * kl
        return (loss, outputs) if return_outputs else loss


class SavesAdapter(RegularisedTrainer):
    def _save(self, output_dir=None, state_dict=None):
        self.model.save_pretrained(output_dir or self.args.output_dir)


def main(dataset):
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    trainer = SavesAdapter(
        model=model,
        args=TrainingArguments(output_dir="out/kl"),
        train_dataset=dataset,
        data_collator=default_data_collator,
        beta=0.05,
    )
    trainer.train()
    trainer.save_model()


main(torch.load("data.pt", weights_only=False))
