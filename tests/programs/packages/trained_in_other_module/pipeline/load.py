from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def model_for_stage(stage, base="gpt2"):
    model = AutoModelForCausalLM.from_pretrained(base)
    if stage == 0:
        raise ValueError("stage 0 is the base model")
    return PeftModel.from_pretrained(model, f"out/stage{stage - 1}")  # expect: PEFT401


def tokenizer_for(base="gpt2"):
    return AutoTokenizer.from_pretrained(base, pad_token="<|endoftext|>")
