"""Writes docs/harms.md: which harms the linter, the folder audit and the live check find. All of it is
measured.

`python -m tests.runtime.make_harms --write` lints and runs the programs of harms.md (every harm that was measured
on the libraries) and the wrong programs of fixtures/ (the first two of each rule), checks the models that they
leave and audits what they save. The last two tables are those of test_folder.py and test_live.py, which the test
suite runs. `--good` lists what is said about programs that are right; CODE ... prints those rows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from fixtures.measure import unrecorded
from fixtures.programs import Folder, Program, folders, run
from peftlint.runtime.codes import registry
from tests.runtime.harms import Measured, codes, harms, look_at, measure
from tests.runtime.harms import row as harm_row

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "harms.md"
PROGRAMS = 2


def measured(program: Program) -> Measured | None:
    """Run the program and look at what it left; None if it cannot run here."""
    marked = program.expected() | program.expected("expect-strict")
    found = Measured(static={code for _, code in marked})
    if "not run" in program.headers or program.targets:
        return None
    with run(program) as done, unrecorded():
        look_at(done, found)
    # the workspace's adapters and most programs do not name a base
    found.adapter.discard("PEFT538")
    return found


def row(folder: Folder) -> str:
    """One row of the table by rules: what any of the folder's programs shows."""
    programs = folder.programs("bad")[:PROGRAMS]
    every = [found for program in programs if (found := measured(program)) is not None]
    marked = {code for p in programs for _, code in p.expected() | p.expected("expect-strict")}
    saved = codes(set().union(*(found.adapter for found in every)))
    live = codes(set().union(*(found.runtime for found in every))) if every else "(not run here)"
    return f"| {folder.name} | {codes(marked)} | {saved} | {live} |"


def surprises() -> Iterator[str]:
    """What is said about programs that are right (the first three of each rule): each line is to be read by
    eye.
    """
    for folder in folders():
        for program in folder.programs("good")[:3]:
            found = measured(program)
            if found is not None and (found.adapter or found.runtime):
                yield f"{program.id}: adapter {sorted(found.adapter)}, runtime {sorted(found.runtime)}"


HEAD = """# What finds which harm

Measured by `python -m tests.runtime.make_harms --write`; tests/runtime/test_harms.py checks it.

## Harms

Every harm of adapters that was measured on the libraries, as a program (tests/runtime/harms.md), linted and run on
tiny models. *Linter*: what is flagged in the text by default. *Saved*: what
`peftlint adapter --base` says of the folders that the program writes. *Live*: what `peftlint runtime` says of the
models and optimizers that it leaves. "-": nothing.
"""

RULES = """
## Wrong programs

The wrong programs in fixtures/ (the first two of each rule) in the same way. What leaves no trace in a model or file,
or fails at once, has "-".

| harm | linter | saved | live |
|---|---|---|---|
"""


def harm_tables() -> Iterator[str]:
    """The tables of harms.md, a heading each."""
    for chapter, found in groupby(harms(), key=lambda harm: harm.chapter):
        yield f"\n### {chapter.partition('. ')[2]}\n\n| harm | linter | saved | live | |\n|---|---|---|---|---|\n"
        for harm in found:
            yield harm_row(harm, measure(harm)) + "\n"


def folder_table() -> str:
    """The folders of test_folder.py, each made wrong in one way."""
    from tests.runtime.test_folder import SICK

    rows = "".join(f"| {name} | {code} {registry()[code].name} |\n" for name, (code, _, _) in SICK.items())
    return (
        "## Saved adapters\n\nFolders made wrong in one way (tests/runtime/test_folder.py).\n\n| harm | "
        "found as |\n|---|---|\n" + rows
    )


def live_table() -> str:
    """The models of test_live.py, each harmed in one way."""
    from tests.runtime.test_live import HARMS

    rows = "".join(
        f"| {harm.__name__.replace('_', ' ')} | "
        f"{', '.join(f'{c} {registry()[c].name}' for c in sorted(found))} |\n"
        for harm, found in HARMS.items()
    )
    return (
        "## Models in memory\n\nModels harmed in one way (tests/runtime/test_live.py).\n\n| harm | found as "
        "|\n|---|---|\n" + rows
    )


def write() -> None:
    rows = "".join(row(folder) + "\n" for folder in folders())
    text = f"{HEAD}{''.join(harm_tables())}{RULES}{rows}\n{folder_table()}\n{live_table()}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--good"]:
        for line in surprises():
            print(line, flush=True)
    elif sys.argv[1:] == ["--write"]:
        write()
    else:
        for wanted in folders():
            if len(sys.argv) < 2 or wanted.code in sys.argv[1:]:
                print(row(wanted), flush=True)
