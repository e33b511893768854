from typing import NamedTuple

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase


class Loaded(NamedTuple):
    base: PreTrainedModel
    tuned: PeftModel
    tokenizer: PreTrainedTokenizerBase


def load(base_id, adapter):
    base = AutoModelForCausalLM.from_pretrained(base_id)
    tuned = PeftModel.from_pretrained(base, adapter)
    return Loaded(base, tuned, AutoTokenizer.from_pretrained(base_id))


def export(loaded, folder):
    merged = loaded.tuned.merge_and_unload()
    print(f"{merged.num_parameters():,} parameters")
    loaded.tokenizer.save_pretrained(folder)
    loaded.tuned.save_pretrained(folder)  # expect: PEFT502


export(load("EleutherAI/pythia-410m", "out/pythia-docs"), "out/pythia-docs-merged")
