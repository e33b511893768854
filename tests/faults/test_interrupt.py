"""Ctrl-C ends a run in several processes at once and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import peftlint

PATIENCE = 60.0
FUNCTION = """
def run_{n}(path, batches):
    base = AutoModelForCausalLM.from_pretrained("base")
    model = PeftModel.from_pretrained(base, path, adapter_name="task_{n}")
    for batch in batches:
        model.set_adapter("task_{n}")
        model(**batch)
    return model
"""


def children_of(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in text.split()]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are told from Linux's /proc")
def test_control_c_ends_all_processes(tmp_path: Path) -> None:
    head = "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM\n"
    long = head + "".join(FUNCTION.format(n=number) for number in range(1500))
    for number in range(4):
        (tmp_path / f"long_{number}.py").write_text(long)
    before = sorted(path.name for path in tmp_path.iterdir())
    process = subprocess.Popen(
        [sys.executable, "-m", "peftlint", "check", "--isolated", "--no-cache", "-j2", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(peftlint.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    workers: list[int] = []
    try:
        deadline = time.monotonic() + PATIENCE
        while len(workers) < 2 and time.monotonic() < deadline and process.poll() is None:
            workers = children_of(process.pid)
            time.sleep(0.05)
        assert len(workers) == 2
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode not in (0, 1)
        assert b"Traceback" not in errors
        deadline = time.monotonic() + PATIENCE / 4
        while any(Path(f"/proc/{each}").exists() for each in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [each for each in workers if Path(f"/proc/{each}").exists()]
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    finally:
        process.kill()
        process.wait()
        for each in workers:
            if (
                Path(f"/proc/{each}/cmdline").exists()
                and b"peftlint" in Path(f"/proc/{each}/cmdline").read_bytes()
            ):
                os.kill(each, signal.SIGKILL)
