"""The plain model is kept under a name of its own: merging the adapter changes it too, and it is what is saved."""
import argparse

from peft import PeftModel


class Holder:
    def __init__(self, args, loader):
        self.args = args
        self.loader = loader

    def prepare(self):
        self.model = self.loader.from_pretrained(self.args.base)
        self.full = self.model
        if self.args.adapter is not None:
            self.model = PeftModel.from_pretrained(self.model, self.args.adapter)

    def merge(self):
        self.model.merge_and_unload()

    def save(self, folder, full=False):
        if full:
            self.full.save_pretrained(folder)
        else:
            self.model.save_pretrained(folder)


def main(loader):
    parser = argparse.ArgumentParser()
    parser.add_argument("--base")
    parser.add_argument("--adapter", default=None)
    holder = Holder(parser.parse_args(), loader)
    holder.prepare()
    holder.merge()
    holder.save("merged", full=True)
