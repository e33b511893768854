SYSTEM = "A chat between a curious user and an artificial intelligence assistant."


def to_prompt(history):
    s = SYSTEM + " "
    for role, msg in history:
        s += f"{role}: {msg}" + ("</s>" if role == "ASSISTANT" else " ")
    return s + "ASSISTANT:"
