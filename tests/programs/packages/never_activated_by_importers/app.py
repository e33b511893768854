from .loader import answer


def main(texts):
    for text in texts:
        print(answer(text))
