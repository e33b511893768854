"""`--fix` over a tree, killed at random moments: every file is the old one or the new one.

`python -m tools.faults.kills --kills 500` does it hundreds of times.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tools.faults.kills import contents, fix, forked, make_tree, run_kills

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_killed_at_random_moments() -> None:
    tally = run_kills(int(os.environ.get("PEFTLINT_KILLS", "6")))
    assert tally.broken == []
    assert tally.untouched + tally.between + tally.finished == tally.kills


def test_a_killed_run_can_be_repeated(tmp_path: Path) -> None:
    make_tree(tmp_path)
    old = contents(tmp_path)
    child = forked(lambda: fix(tmp_path))
    time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    fix(tmp_path)
    new = contents(tmp_path)
    assert all(new[name] != old[name] for name in old if name != "script.py")
    fix(tmp_path)
    assert contents(tmp_path) == new


def test_two_runs_at_once(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    make_tree(alone, 20)
    make_tree(shared, 20)
    fix(alone)
    children = [forked(lambda: fix(shared)) for _ in range(2)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    # a file that the other run has just replaced is refused (2) and not overwritten
    assert set(codes) <= {0, 1, 2}
    assert contents(shared) == contents(alone)
    assert not [path for path in shared.rglob("*.tmp")]
