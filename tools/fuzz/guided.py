"""`python -m tools.fuzz.guided [-max_total_time=600] [CORPUS]`: coverage-guided fuzzing with atheris.

Needs `pip install atheris`. The search starts from the corpus beside this file and the programs of the repository, and changes
bytes or lines; what it finds new goes into CORPUS, or is forgotten. Arguments are those of libFuzzer. An input that
breaks a property is written to `crash-...`.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import tempfile
from pathlib import Path

from tools.fuzz.mutating import mutated, programs

CORPUS = Path(__file__).with_name("corpus")
#: of four changes, those that are of bytes
BYTES = 1


def _file(data: bytes) -> tuple[bytes, str]:
    """Contents and name of a file: the first byte says of which kind it is."""
    return data[1:], ("program.py", "notebook.ipynb", "page.md")[data[0] % 8 % 3] if data[
        :1
    ] else "program.py"


def _search(arguments: list[str]) -> None:
    """Does not return: libFuzzer ends the process."""
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

    def change(data: bytes, size: int, seed: int) -> bytes:
        return bytes(atheris.Mutate(data, size)) if seed % 4 < BYTES else mutated(data, size, seed)

    atheris.Setup(arguments, once, custom_mutator=change)
    atheris.Fuzz()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="peftlint-fuzz-") as seeds:
        for number, text in enumerate(programs()):
            Path(seeds, str(number)).write_bytes(b"\0" + text.encode())
        child = os.fork()
        if child == 0:
            _search([*sys.argv, str(CORPUS), seeds])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: os.kill(child, number))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
