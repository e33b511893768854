"""fire.Fire over a class: each public method is a command."""
import fire
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, default_data_collator


class Commands:
    def __init__(self, base: str = "gpt2", seed: int = 0):
        self.base = base
        torch.manual_seed(seed)

    def _model(self):
        return AutoModelForCausalLM.from_pretrained(self.base)

    def train(self, data: str, out: str, rank: int = 8):
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["c_attn"], task_type="CAUSAL_LM")
        model = get_peft_model(self._model(), config)
        arguments = TrainingArguments(output_dir=out, report_to="none")
        dataset = torch.load(data, weights_only=False)
        Trainer(model=model, args=arguments, train_dataset=dataset, data_collator=default_data_collator).train()
        model.save_pretrained(out)

    def merge(self, adapter: str, out: str):
        PeftModel.from_pretrained(self._model(), adapter).merge_and_unload().save_pretrained(out)

    def ask(self, adapter: str, prompt: str):
        tokenizer = AutoTokenizer.from_pretrained(self.base)
        model = PeftModel.from_pretrained(self._model(), adapter).eval()
        with torch.no_grad():
            ids = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=40)
        return tokenizer.decode(ids[0])


if __name__ == "__main__":
    fire.Fire(Commands)
