from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForSequenceClassification


def build(task, name):
    match task:
        case "lm":
            model, kind = AutoModelForCausalLM.from_pretrained(name), "CAUSAL_LM"
        case "seq2seq":
            model, kind = AutoModelForSeq2SeqLM.from_pretrained(name), "SEQ_2_SEQ_LM"
        case "cls":
            model, kind = AutoModelForSequenceClassification.from_pretrained(name, num_labels=3), "CAUSAL_LM"
        case _:
            raise ValueError(task)
    return get_peft_model(model, LoraConfig(r=8, task_type=kind))  # expect: PEFT209
