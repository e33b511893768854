"""Continues from an adapter where one is given: that one is loaded frozen, the fresh one is not."""
from dataclasses import dataclass, field

import transformers
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, Seq2SeqTrainer


@dataclass
class ScoreArguments:
    base: str = field(default="huggyllama/llama-7b")
    adapter_path: str = field(default="")


def load(args):
    model = AutoModelForCausalLM.from_pretrained(args.base)
    model = prepare_model_for_kbit_training(model)
    if args.adapter_path:
        return PeftModel.from_pretrained(model, args.adapter_path)  # expect: PEFT401
    return get_peft_model(model, LoraConfig(task_type="CAUSAL_LM"))


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
