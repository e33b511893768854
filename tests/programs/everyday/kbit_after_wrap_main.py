# QLoRA training script configured through dataclasses.
from dataclasses import dataclass, field

import torch
from datasets import load_from_disk
from peft import LoraConfig, TaskType, get_peft_model, prepare_model_for_kbit_training
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    DataCollatorForSeq2Seq,
    HfArgumentParser,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
)


@dataclass
class ScriptArguments:
    model_name: str = field(default="google/flan-t5-xl")
    data_dir: str = field(default="data/samsum-tok")
    lora_r: int = field(default=16)


def build_model(name, rank):
    quant = BitsAndBytesConfig(load_in_8bit=True)
    net = AutoModelForSeq2SeqLM.from_pretrained(name, quantization_config=quant, device_map="auto")
    lora = LoraConfig(
        r=rank,
        lora_alpha=32,
        target_modules=["q", "v"],
        lora_dropout=0.05,
        bias="none",
        task_type=TaskType.SEQ_2_SEQ_LM,
    )
    net = get_peft_model(net, lora)
    # casts layer norms to fp32 so that training is stable
    net = prepare_model_for_kbit_training(net)  # expect: PEFT402
    return net


def main():
    parser = HfArgumentParser((ScriptArguments, Seq2SeqTrainingArguments))
    script_args, training_args = parser.parse_args_into_dataclasses()

    tokenizer = AutoTokenizer.from_pretrained(script_args.model_name)
    model = build_model(script_args.model_name, script_args.lora_r)
    data = load_from_disk(script_args.data_dir)

    trainer = Seq2SeqTrainer(
        model=model,
        args=training_args,
        train_dataset=data["train"],
        eval_dataset=data["validation"],
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=model, label_pad_token_id=-100),
        processing_class=tokenizer,
    )
    trainer.train()
    trainer.save_model(training_args.output_dir)


if __name__ == "__main__":
    main()
