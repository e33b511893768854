"""`python -m tools.fuzz.guided [-max_total_time=600] [CORPUS]`: coverage-guided fuzzing with atheris.

Needs `pip install atheris`. The corpus beside this file is where it starts; what it finds new goes into CORPUS, or
is forgotten. Arguments are those of libFuzzer. An input that breaks a property is written to `crash-...`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


def _file(data: bytes) -> tuple[bytes, str]:
    """Contents and name of a file: the first byte says of which kind it is."""
    return data[1:], ("program.py", "notebook.ipynb", "page.md")[data[0] % 8 % 3] if data[
        :1
    ] else "program.py"


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["peftlint"]):
        from tools.fuzz.properties import holds

        # most modules are imported when they are first needed, which has to be here for their branches to be counted
        for part in ("sources", "semantics", "rules", "fixes"):
            package = importlib.import_module(f"peftlint.{part}")
            for module in pkgutil.walk_packages(package.__path__, f"peftlint.{part}."):
                importlib.import_module(module.name)
        for seed in sorted(CORPUS.iterdir()):
            holds(*_file(seed.read_bytes()))

    def once(data: bytes) -> None:
        holds(*_file(data))

    atheris.Setup([sys.argv[0], *sys.argv[1:], str(CORPUS)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
