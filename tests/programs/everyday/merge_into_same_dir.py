from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

OUT = "results/final"


def finish(trainer, tokenizer):
    trainer.model.save_pretrained(OUT)
    model = AutoPeftModelForCausalLM.from_pretrained(OUT)
    merged = model.merge_and_unload()
    merged.save_pretrained(OUT)  # expect: PEFT505
    tokenizer.save_pretrained(OUT)
