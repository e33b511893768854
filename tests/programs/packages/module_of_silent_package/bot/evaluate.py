from . import modeling


def main():
    model = modeling.attach(modeling.load_tuned())
    print(model.generate(max_new_tokens=8))


if __name__ == "__main__":
    main()
