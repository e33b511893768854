# LoRA fine-tuning of Pythia on a text file with the Trainer.
import logging
from dataclasses import dataclass, field
from typing import List

from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
)

logger = logging.getLogger(__name__)


@dataclass
class ScriptArgs:
    model: str = "EleutherAI/pythia-160m"
    train_file: str = "corpus.txt"
    block: int = 256
    rank: int = 8
    targets: List[str] = field(default_factory=lambda: ["query_key_value", "dense"])


def main():
    args, training_args = HfArgumentParser((ScriptArgs, TrainingArguments)).parse_args_into_dataclasses()
    tok = AutoTokenizer.from_pretrained(args.model)
    tok.pad_token = tok.eos_token
    model = AutoModelForCausalLM.from_pretrained(args.model)

    peft_config = LoraConfig(r=args.rank, lora_alpha=16, target_modules=args.targets, init_lora_weights=False, task_type="CAUSAL_LM")  # expect: PEFT202
    model = get_peft_model(model, peft_config)
    model.print_trainable_parameters()

    raw = load_dataset("text", data_files=args.train_file, split="train").filter(lambda r: r["text"].strip())
    ds = raw.map(lambda b: tok(b["text"], truncation=True, max_length=args.block), batched=True, remove_columns=["text"])

    trainer = Trainer(
        model=model,
        args=training_args,
        train_dataset=ds,
        data_collator=DataCollatorForLanguageModeling(tok, mlm=False),
    )
    result = trainer.train()
    logger.info("done: %s", result.metrics)
    model.save_pretrained(training_args.output_dir)


if __name__ == "__main__":
    main()
