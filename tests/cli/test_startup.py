"""How soon the command answers: processor time beyond that of an interpreter which does nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cli_helpers import environment

resource = pytest.importorskip("resource", reason="processor time of children, on POSIX")
#: milliseconds
BOUND = 80


def milliseconds(*command: str) -> float:
    """The least that the command took in a few runs: what else the machine does must not count."""
    taken = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, env=environment(), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.stdout or "pass" in command
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(taken) * 1000


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_it_starts_quickly(option: str) -> None:
    bare = milliseconds(sys.executable, "-c", "pass")
    assert milliseconds(sys.executable, "-m", "peftlint", option) - bare < BOUND
