"""A writer that is killed at any moment leaves the old file or the new one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

WRITER = """
import sys
from peftlint.fixes.writing import write_atomically
path, root = sys.argv[1:]
old, new = b"old" * 50_000, b"new" * 60_000
print("ready", flush=True)
while True:
    write_atomically(path, old, new, root)
    old, new = new, old
"""

#: kills; more with PEFTLINT_KILLS in the environment
KILLS = int(os.environ.get("PEFTLINT_KILLS", "8"))


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_at_any_moment(tmp_path):
    file = tmp_path / "a.py"
    contents = {b"old" * 50_000, b"new" * 60_000}
    random_moment = random.Random(0)
    file.write_bytes(b"old" * 50_000)
    for _ in range(KILLS):
        if file.read_bytes() != b"old" * 50_000:
            file.write_bytes(b"old" * 50_000)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), str(tmp_path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        try:
            writer.wait(timeout=random_moment.uniform(0, 0.03))
        except subprocess.TimeoutExpired:
            writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert file.read_bytes() in contents
    leftovers = [entry.name for entry in tmp_path.iterdir() if entry.name != "a.py"]
    assert all(name.startswith(".a.py.") and name.endswith(".tmp") for name in leftovers), (
        "no other name is used"
    )
