"""`python -m tools.oracle --programs 1000 --seed 0`: runs random programs and prints every disagreement."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter, defaultdict

from tools.oracle.comparing import Disagreement, compare
from tools.oracle.running import random_program
from tools.oracle.world import releases, world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.oracle", description=__doc__)
    parser.add_argument("--programs", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first program's seed")
    parser.add_argument("--length", type=int, default=12, help="choices in a program, at most")
    parser.add_argument("--show", type=int, default=1, help="programs shown for each kind of disagreement")
    parser.add_argument("--print", action="store_true", help="print each program and what fails in it")
    given = parser.parse_args()
    started = time.monotonic()
    agreed: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    kinds: dict[str, list[tuple[int, Disagreement, str]]] = defaultdict(list)
    statements = broken = 0
    with world():
        in_use = releases()
        for seed in range(given.seed, given.seed + given.programs):
            try:
                program = random_program(seed, given.length)
            except Exception:
                broken += 1
                print(f"program {seed}: the harness failed", file=sys.stderr)
                traceback.print_exc()
                continue
            if given.print:
                print(program.text, *program.failures, sep="\n")
            outcome = compare(program, in_use)
            statements += len(program.moments)
            agreed += outcome.agreed
            unknown += outcome.unknown
            for each in outcome.disagreements[:1]:
                word = each.statement.split("(")[0].rpartition(".")[2].rpartition(" ")[2]
                kinds[f"{each.fact} after {word}: said {_short(each.said)}, is {_short(each.seen)}"].append(
                    (seed, each, program.text)
                )
    for kind, cases in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"\n{len(cases)} x {kind}")
        for seed, each, text in sorted(cases, key=lambda case: len(case[2]))[: given.show]:
            print(f"  program {seed}, line {each.line}, {each.variable}: said {each.said}, is {each.seen}")
            for number, line in enumerate(text.splitlines()[: each.line + 1], 1):
                if number > 7:
                    print(f"    {number:3} {line}")
    print(
        f"\npeft {in_use['peft']}, transformers {in_use['transformers']}: {given.programs} programs, {statements} statements,"
        f" {time.monotonic() - started:.0f} s, {broken} not run"
    )
    print(
        f"facts: {sum(agreed.values())} agree, {sum(unknown.values())} not known, {sum(map(len, kinds.values()))} programs disagree"
    )
    for fact in sorted({*agreed, *unknown}):
        print(f"  {fact:16} {agreed[fact]:7} agree {unknown[fact]:7} not known")
    return 1 if kinds or broken else 0


def _short(value: object) -> str:
    return str(value) if isinstance(value, bool | str) else type(value).__name__


if __name__ == "__main__":
    sys.exit(main())
