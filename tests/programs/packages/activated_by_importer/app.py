from loader import answer, model

def main(kind, text):
    if kind == "code":
        model.set_adapter("code")
    print(answer(text))
