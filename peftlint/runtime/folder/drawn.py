"""Whether values are, bit by bit, still those that torch's random generator drew.

On a CPU torch makes float32 numbers from 24 random bits, so what it draws lies on a grid, and what an optimizer
step leaves does not (every element moves, by an amount that knows nothing of the grid). Two grids:

- `uniform_(-bound, bound)` gives k / 2**24 * 2 * bound - bound, rounded once or twice. Of other values in that
  range 37% lie on the grid by accident (float32 has little more room there), so 64 of them 1 time in 10**27.
- `normal_` turns 8 + 8 uniform numbers into 16 normal ones by the Box-Muller method: the angle of the pair
  (i, i + 8) is 2 pi k / 2**24. For drawn pairs the distance to the nearest such angle was at most 0.34 grid
  steps, and 95% were below 0.15; of other pairs 31% are below 0.15 (tests/runtime/test_drawn.py).

Values that were drawn on a GPU, or saved in half precision, are on no such grid: they count as moved.
Measured with torch 2.13, with and without AVX.
"""

from __future__ import annotations

import math
from typing import Any

from peftlint.runtime.folder.tensors import StoredTensor

_BITS = 2.0**24
#: fewer values than these prove nothing
_FEWEST_UNIFORM, _FEWEST_NORMAL = 48, 64
_FIRST = 2048
_LARGEST = 2**26


def drawn_uniform(tensor: StoredTensor, bound: float) -> bool | None:
    """Whether every value is one that `torch.nn.init.uniform_(t, -bound, bound)` can give; None: too few to
    tell.
    """
    return _all_drawn(tensor, _FEWEST_UNIFORM, lambda values: _uniform(values, bound))


def drawn_normal(tensor: StoredTensor) -> bool | None:
    """Whether the values are such as `torch.nn.init.normal_(t, 0, std)` gives, for any std; None: too few to
    tell.
    """
    return _all_drawn(tensor, _FEWEST_NORMAL, _normal)


def _all_drawn(tensor: StoredTensor, fewest: int, test: Any) -> bool | None:
    if tensor.size < fewest:
        return None
    if tensor.dtype != "F32" or tensor.size > _LARGEST:
        return False
    values = tensor.array().ravel()
    if not _scattered(values[:_FIRST]):
        return False
    return bool(test(values[:_FIRST]) and (tensor.size <= _FIRST or test(values)))


def _scattered(values: Any) -> bool:
    """Mostly different numbers that use the whole of float32: constants and widened half-precision numbers
    lie on many grids.
    """
    import numpy as np

    rounded = (np.ascontiguousarray(values).view(np.uint32) & 0x1FFF) == 0
    return bool(rounded.mean() < 0.25 and np.unique(values).size > 0.75 * values.size)


def _uniform(values: Any, bound: float) -> bool:
    import numpy as np

    if not math.isfinite(bound) or bound <= 0:
        return False
    low, high = np.float32(-bound), np.float32(bound)
    width = high - low
    if not bool(((values >= low) & (values <= high)).all()):
        return False
    step = np.rint((values.astype(np.float64) - float(low)) / float(width) * _BITS)
    share = (step / _BITS).astype(np.float32)
    # machines with fused multiply-add round once, others twice
    once = (share.astype(np.float64) * float(width) + float(low)).astype(np.float32)
    twice = share * width + low
    return bool((once == values).all() or (twice == values).all())


def _normal(values: Any) -> bool:
    import numpy as np

    # the last 16 are drawn anew where the count is no multiple of 16
    whole = len(values) // 16 * 16 if len(values) % 16 == 0 else (len(values) - 16) // 16 * 16
    if whole < _FEWEST_NORMAL or not bool(np.isfinite(values).all()):
        return False
    blocks = values[:whole].reshape(-1, 16).astype(np.float64)
    angle = np.arctan2(blocks[:, 8:], blocks[:, :8]) % (2 * np.pi)
    step = np.rint(angle / (2 * np.pi) * _BITS)
    distance = np.full(angle.shape, np.inf)
    for whole_turn in (2 * np.pi, float(np.float32(2 * np.pi))):
        for near in (-1, 0, 1):
            drawn = (whole_turn * ((step + near) / _BITS)).astype(np.float32).astype(np.float64)
            distance = np.minimum(distance, np.abs(drawn - angle))
    distance *= _BITS / (2 * np.pi)
    return bool(distance.max() < 0.45 and (distance < 0.15).mean() > 0.75)
