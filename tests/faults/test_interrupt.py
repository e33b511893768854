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
from peftlint.jobs import _interrupts_later

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


linux = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="children are told from Linux's /proc"
)


def long_run(folder: Path, functions: int) -> subprocess.Popen[bytes]:
    """A run in two processes that takes long, in a process group of its own."""
    head = "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM\n"
    long = head + "".join(FUNCTION.format(n=number) for number in range(functions))
    for number in range(4):
        (folder / f"long_{number}.py").write_text(long)
    return subprocess.Popen(
        [sys.executable, "-m", "peftlint", "check", "--isolated", "--no-cache", "-j2", "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(peftlint.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@linux
@pytest.mark.parametrize("children", [1, 2])
def test_control_c_just_when_the_processes_start(tmp_path: Path, children: int) -> None:
    """A terminal sends it to all of them; what `logging` does around a fork once swallowed it."""
    for _ in range(2):
        process = long_run(tmp_path, 200)
        try:
            while len(children_of(process.pid)) < children and process.poll() is None:
                pass
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
            assert process.returncode == 130
            assert errors.strip() == b"peftlint: interrupted"
        finally:
            process.kill()
            process.wait()


def test_an_interrupt_is_put_off_and_not_lost() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), _interrupts_later():
        signal.raise_signal(signal.SIGINT)
        steps.append("inside")
    assert steps == ["inside"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@linux
def test_control_c_ends_all_processes(tmp_path: Path) -> None:
    process = long_run(tmp_path, 1500)
    before = sorted(path.name for path in tmp_path.iterdir())
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
