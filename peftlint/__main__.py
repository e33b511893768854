"""`python -m peftlint` and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from peftlint import __version__

        print(f"peftlint {__version__}")
        return
    from peftlint.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
