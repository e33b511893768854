"""Restore an adapter by hand: config first, weights after."""
import os

from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification, AutoTokenizer


def restore(path, num_labels):
    config = PeftConfig.from_pretrained(path)
    model = AutoModelForTokenClassification.from_pretrained(config.base_model_name_or_path, num_labels=num_labels)
    model = get_peft_model(model, config)
    weights = load_file(os.path.join(path, "adapter_model.safetensors"))
    result = set_peft_model_state_dict(model, weights)
    if result.unexpected_keys:
        raise RuntimeError(f"{path}: {len(result.unexpected_keys)} unexpected keys")
    return model.eval()


def label(model, tokenizer, words):
    batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
    return model(**batch).logits.argmax(-1)[0].tolist()


if __name__ == "__main__":
    ner = restore("out/ner", 9)
    tok = AutoTokenizer.from_pretrained("bert-base-cased")
    print(label(ner, tok, ["Ada", "Lovelace", "lived", "in", "London", "."]))
