"""`python -m peftlint` and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from peftlint import __version__

        print(f"peftlint {__version__}")
        return
    try:
        from peftlint.cli import run

        code = run()
    except KeyboardInterrupt:  # while it is imported: `run` answers its own
        print("peftlint: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
