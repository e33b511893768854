import sys

from models import load_adapted, load_tokenizer


def main(name, adapter, out):
    model = load_adapted(name, adapter)
    model.merge_and_unload()  # expect: PEFT501
    model.save_pretrained(out)
    load_tokenizer(name).save_pretrained(out)


if __name__ == "__main__":
    main(*sys.argv[1:4])
