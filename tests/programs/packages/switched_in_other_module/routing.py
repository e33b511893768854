import re

RULES = [(re.compile(r"\b(sql|table|query)\b", re.I), "sql"), (re.compile(r"\b(poem|rhyme)\b", re.I), "poetry")]


def route(prompt):
    for pattern, name in RULES:
        if pattern.search(prompt):
            return name
    return None


def select(model, prompt):
    """Makes the right adapter active and returns a context to generate in."""
    from contextlib import nullcontext

    name = route(prompt)
    if name is None:
        return model.disable_adapter()
    model.set_adapter(name)
    return nullcontext()
