# Command-line front end of the text UI.
import argparse

from engine import Engine

COMMANDS = {"/lora <path>": "attach a LoRA", "/nolora": "back to the plain model", "/quit": "leave"}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="gpt2-xl")
    ap.add_argument("--tokens", type=int, default=64)
    args = ap.parse_args()
    engine = Engine(args.model)
    for k, v in COMMANDS.items():
        print(f"{k:15} {v}")
    while True:
        line = input(">>> ").strip()
        if line == "/quit":
            return
        if line.startswith("/lora "):
            engine.attach(line.split(maxsplit=1)[1])
        elif line == "/nolora":
            engine.detach()
        else:
            print(engine.complete(line, max_new_tokens=args.tokens))


if __name__ == "__main__":
    main()
