import argparse

from . import commands


def main():
    parser = argparse.ArgumentParser("tool")
    sub = parser.add_subparsers(dest="cmd", required=True)
    p = sub.add_parser("compare")
    p.add_argument("adapter")
    p.set_defaults(func=commands.compare)
    p = sub.add_parser("merge")
    p.add_argument("adapter")
    p.set_defaults(func=commands.merge)
    args = parser.parse_args()
    args.func(args)


main()
