"""How many examples hypothesis tries: PEFTLINT_EXAMPLES=10 in the environment makes it ten times as many."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("PEFTLINT_EXAMPLES", "1"))


def examples(usual: int) -> int:
    return usual * TIMES
