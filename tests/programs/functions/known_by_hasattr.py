"""Helpers that get any model and ask what it can do."""
import logging

log = logging.getLogger(__name__)


def swap(model, loader, target):
    try:
        if hasattr(model, "disable_adapter"):
            model.disable_adapter()  # expect: PEFT305
    except Exception:
        log.debug("no adapter to disable")
    return loader(model, target)


def export(model, tokenizer, folder):
    """Right: the result of the merge is what is saved."""
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def scores(model, batch):
    if hasattr(model, "disable_adapter"):
        with model.disable_adapter():
            return model(**batch).logits
    return model(**batch).logits
