from collections.abc import Iterator

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-0.5B"


def models(paths: list[str]) -> Iterator[tuple[str, PeftModel]]:
    for path in paths:
        base = AutoModelForCausalLM.from_pretrained(BASE)
        yield path, PeftModel.from_pretrained(base, path)


tokenizer = AutoTokenizer.from_pretrained(BASE)
for path, model in models(["out/a", "out/b", "out/c"]):
    merged = model.merge_and_unload()
    target = f"{path}-merged"
    tokenizer.save_pretrained(target)
    model.save_pretrained(target)  # expect: PEFT502
    print(target, sum(p.numel() for p in merged.parameters()))
