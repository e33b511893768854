# Command line of the summarizer package.
import sys

from .service import Summarizer


def main():
    lang = sys.argv[1] if len(sys.argv) > 1 else "de"
    print(Summarizer()(sys.stdin.read(), lang))


if __name__ == "__main__":
    main()
