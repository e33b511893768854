"""What torch's generator draws is told from everything else, on tensors of all sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from peftlint.runtime.folder.drawn import drawn_normal, drawn_uniform
from peftlint.runtime.folder.safetensors_file import read_safetensors
from peftlint.runtime.folder.tensors import StoredTensor

torch = pytest.importorskip("torch")
SIZES = (64, 100, 128, 1000, 4096, 5000)


def stored(values: Any, folder: Path) -> StoredTensor:
    save_file({"t": np.ascontiguousarray(values)}, folder / "t.safetensors")
    return read_safetensors(folder / "t.safetensors")["t"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("std", [1.0, 0.02, 1e-3])
def test_normal(tmp_path: Path, size: int, std: float) -> None:
    for seed in range(20):
        torch.manual_seed(seed)
        values = torch.empty(size).normal_(0, std).numpy()
        enough = size % 16 == 0 or size > 80
        assert drawn_normal(stored(values, tmp_path)) is enough, seed
        moved = values + np.random.default_rng(seed).choice([-1, 1], size).astype("float32") * 1e-5
        assert drawn_normal(stored(moved, tmp_path)) is False
        other = np.random.default_rng(seed).normal(size=size).astype("float32") * np.float32(std)
        assert drawn_normal(stored(other, tmp_path)) is False


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bound", [1.0, 0.02, 1 / 3, 32**-0.5])
def test_uniform(tmp_path: Path, size: int, bound: float) -> None:
    for seed in range(20):
        torch.manual_seed(seed)
        values = torch.empty(size).uniform_(-bound, bound).numpy()
        assert drawn_uniform(stored(values, tmp_path), bound) is True, seed
        assert drawn_uniform(stored(values, tmp_path), bound * 1.01) is False
        assert drawn_uniform(stored(values * np.float32(0.999), tmp_path), bound) is False
        other = np.random.default_rng(seed).uniform(-bound, bound, size).astype("float32")
        assert drawn_uniform(stored(other, tmp_path), bound) is False


def test_one_value_that_moved_decides(tmp_path: Path) -> None:
    torch.manual_seed(0)
    values = torch.empty(4096).uniform_(-1, 1).numpy()
    values[4000] = np.nextafter(np.float32(2.0**-7), np.float32(1))
    assert drawn_uniform(stored(values, tmp_path), 1.0) is False


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_half_precision_made_wide(tmp_path: Path, kind: str) -> None:
    """With a bound of 2**-n all such numbers lie on the grid."""
    values = (0.2 * np.random.default_rng(0).standard_normal(256)).clip(-0.25, 0.25)
    wide = torch.tensor(values).to(getattr(torch, kind)).float().numpy()
    assert drawn_uniform(stored(wide, tmp_path), 0.25) is False


def test_too_few_and_other_types(tmp_path: Path) -> None:
    assert drawn_normal(stored(np.zeros(32, "float32"), tmp_path)) is None
    assert drawn_uniform(stored(np.zeros(32, "float32"), tmp_path), 1.0) is None
    half = torch.empty(128).normal_().half().numpy()
    assert drawn_normal(stored(half, tmp_path)) is False
    for value in (0.0, 1.0, np.nan, np.inf):
        assert drawn_normal(stored(np.full(128, value, "float32"), tmp_path)) is False
    assert drawn_uniform(stored(np.full(128, np.nan, "float32"), tmp_path), 1.0) is False


@pytest.mark.parametrize("capability", ["default", "avx2"])
def test_other_instruction_sets(capability: str) -> None:
    """torch has other kernels for machines without AVX; the grids are the same."""
    program = (
        "from tests.runtime.test_drawn import test_normal, test_uniform\n"
        "import pathlib, tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    test_normal(pathlib.Path(folder), 1000, 1.0)\n"
        "    test_uniform(pathlib.Path(folder), 1000, 1 / 3)\n"
    )
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": capability, "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
