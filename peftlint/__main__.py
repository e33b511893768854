"""`python -m peftlint` and the console script."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from peftlint import __version__

        print(f"peftlint {__version__}")
        return
    # Modules, tables and trees stay: by default the collector would look at them a hundred times during the start (a twentieth of it).
    gc.set_threshold(400_000, 20, 20)
    try:
        from peftlint.cli import run

        code = run()
    except KeyboardInterrupt:  # while it is imported: `run` answers its own
        print("peftlint: interrupted", file=sys.stderr)
        code = 130
    gc.freeze()  # the process ends: nothing is left to be found
    sys.exit(code)


if __name__ == "__main__":
    main()
