"""Scores a tuned adapter. The stages are options, as in the training script that this one was copied from."""
from dataclasses import dataclass, field

import transformers
from peft import PeftModel, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, Seq2SeqTrainer


@dataclass
class ScoreArguments:
    base: str = field(default="huggyllama/llama-7b")
    adapter_path: str = field(default="out/adapter")


def load(args):
    model = AutoModelForCausalLM.from_pretrained(args.base)
    model = prepare_model_for_kbit_training(model)
    return PeftModel.from_pretrained(model, args.adapter_path)


def main():
    parser = transformers.HfArgumentParser((ScoreArguments, transformers.Seq2SeqTrainingArguments))
    args, training_args = parser.parse_args_into_dataclasses()
    trainer = Seq2SeqTrainer(
        model=load(args),
        args=training_args,
        processing_class=AutoTokenizer.from_pretrained(args.base),
    )
    if training_args.do_train:
        trainer.train()
        trainer.save_state()
    if training_args.do_eval:
        trainer.log_metrics("eval", trainer.evaluate())
    if training_args.do_predict:
        print(trainer.predict(test_dataset=None).metrics)


if __name__ == "__main__":
    main()
