import sys

from pipeline import generate, train

match sys.argv[1:]:
    case ["train", adapter, data, out]:
        train.run(adapter, data, out)
    case ["generate", adapter, *prompts]:
        print(*generate.run(adapter, prompts), sep="\n")
    case _:
        sys.exit("usage: main.py train ADAPTER DATA OUT | generate ADAPTER PROMPT ...")
