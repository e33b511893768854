"""`python -m tools.fuzz.guided [-max_total_time=600] [CORPUS]`: coverage-guided fuzzing with atheris.

Needs `pip install atheris`. The corpus beside this file is where it starts; what it finds new goes into CORPUS, or
is forgotten. Arguments are those of libFuzzer. An input that breaks a property is written to `crash-...`.
"""

from __future__ import annotations

import sys
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["peftlint"]):
        from tools.fuzz.properties import holds

    def once(data: bytes) -> None:
        # the first byte says what kind of file it is
        path = ("program.py", "notebook.ipynb", "page.md")[data[0] % 8 % 3] if data[:1] else "program.py"
        holds(data[1:], path)

    atheris.Setup([sys.argv[0], *sys.argv[1:], str(CORPUS)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
