from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import peftlint

ROOT = Path(peftlint.__file__).parents[1]


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `peftlint` as a process in the temporary folder; it may not die, and no traceback may reach the user."""

    def call(*args: str, stdout: int | None = None, **kwargs: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "peftlint", *args],
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            timeout=120,
            **kwargs,  # type: ignore[arg-type]
        )
        assert done.returncode in (0, 1, 2), done.stderr
        said = (done.stdout or "") + done.stderr
        assert "Traceback" not in said and "internal error" not in said, said
        return done

    return call
