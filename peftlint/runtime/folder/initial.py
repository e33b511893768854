"""Adapters whose initial values are no no-op: random, or computed from the base. Are they still the initial ones?

Only what a file alone can prove is said (see `drawn`); a method that is not here, or a value that is not True,
means that nothing is known. Measured with peft 0.21.2 against the same adapter after one optimizer step with a
learning rate of 1e-6 (tests/runtime/test_methods.py). Not decidable from the file alone: P-tuning and prefix
tuning with a projection (the saved prompt is a network's output), LN tuning and trainable tokens (copies of the
base's values), prompts that begin as words of the base: those need the base's weights, see `base_values`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from peftlint.runtime.folder.config import Config
from peftlint.runtime.folder.drawn import drawn_normal, drawn_uniform
from peftlint.runtime.folder.tensors import StoredTensor

Tensors = Mapping[str, StoredTensor]
#: relative deviations that the rounding of float32 leaves; one step with a learning rate of 1e-6 leaves more
_EXACT = 2e-6
_LARGEST = 2**24


def untouched(config: Config, tensors: Tensors) -> bool | None:
    """Whether the tensors of one module (by their tails) still hold their initial values. None: cannot be
    told.
    """
    test = _TESTS.get(config.method)
    return None if test is None else test(config, tensors)


def _lora(config: Config, tensors: Tensors) -> bool | None:
    init = config.values.get("init_lora_weights", True)
    a, b = tensors.get("lora_A.weight"), tensors.get("lora_B.weight")
    if init in (False, None):
        if b is not None:  # nn.Linear and nn.Conv draw from (-1/sqrt(fan in), 1/sqrt(fan in))
            return drawn_uniform(b, 1 / math.sqrt(max(1, math.prod(b.shape[1:]))))
        return _normal(tensors, "lora_embedding_A", "lora_embedding_B")
    if not isinstance(init, str) or a is None or b is None or not _small_matrices(a, b):
        return None
    first, second = a.array().astype("float64"), b.array().astype("float64")
    if init == "orthogonal":
        return _vanishing_product(first, second)
    if init == "olora":
        return _olora(first, second)
    return _singular(first, second) if init.startswith("pissa") else None


def _small_matrices(a: StoredTensor, b: StoredTensor) -> bool:
    shapes = len(a.shape) == len(b.shape) == 2 and a.shape[0] == b.shape[1] >= 4
    return shapes and a.dtype == b.dtype == "F32" and max(a.size, b.size) <= _LARGEST


def _vanishing_product(a: Any, b: Any) -> bool:
    """`orthogonal` takes the halves from complementary columns of one orthogonal matrix: B A = 0."""
    import numpy as np

    lengths = np.outer(np.linalg.norm(b, axis=1), np.linalg.norm(a, axis=0))
    return bool((np.abs(b @ a) <= _EXACT * lengths).all() and lengths.min() > 0)


def _olora(a: Any, b: Any) -> bool:
    """A QR decomposition: B has orthonormal columns, A is upper triangular with zeros that are exact."""
    import numpy as np

    lower = np.tril(a[:, : len(a)], -1)
    gram = b.T @ b
    return bool((lower == 0).all() and np.abs(gram / gram[0, 0] - np.eye(len(gram))).max() < 1e-5)


def _singular(a: Any, b: Any) -> bool:
    """PiSSA: both halves carry the roots of the same singular values, so A A^T = B^T B, a diagonal matrix."""
    import numpy as np

    grams = a @ a.T, b.T @ b
    size = max(float(np.abs(gram).max()) for gram in grams)
    apart = (np.abs(gram - np.diag(np.diag(gram))).max() for gram in grams)
    return bool(size > 0 and max(apart) < _EXACT * size and np.abs(grams[0] - grams[1]).max() < 5e-6 * size)


def _osf(config: Config, tensors: Tensors) -> bool | None:
    """The smaller part of a singular value decomposition: vectors orthonormal, values sorted."""
    import numpy as np

    if config.values.get("init_weights") is False:
        return _normal(tensors, "osf_svd_params.U_low", "osf_svd_params.V_low")
    found = [tensors.get(f"osf_svd_params.{part}") for part in ("U_low", "S_low", "V_low")]
    if any(part is None or part.dtype != "F32" or part.size > _LARGEST for part in found):
        return None
    u, s, v = (part.array().astype("float64") for part in found if part is not None)
    if u.ndim != 2 or v.ndim != 2 or s.ndim != 1 or len(s) < 2 or not s.size:
        return None
    off = max(np.abs(u.T @ u - np.eye(u.shape[1])).max(), np.abs(v @ v.T - np.eye(v.shape[0])).max())
    return bool(off < 3e-6 and (np.diff(s) <= 0).all() and (s >= 0).all())


def _c3a(config: Config, tensors: Tensors) -> bool | None:
    kernel = tensors.get("c3a_kernel")
    if kernel is None or len(kernel.shape) != 3:
        return None
    block = kernel.shape[2]
    fan_out, fan_in = kernel.shape[0] * block, kernel.shape[1] * block
    init = config.values.get("init_weights", "xavier_uniform")
    if init == "gaussian":
        return drawn_normal(kernel)
    if init == "kaiming_uniform":
        return drawn_uniform(kernel, math.sqrt(1.0 / max(1.0, fan_in)))
    return drawn_uniform(kernel, math.sqrt(3.0) * math.sqrt(2.0 / max(1.0, fan_in + fan_out)))


def _vector_bank(tail: str, bound_field: str, default: float) -> Callable[[Config, Tensors], bool | None]:
    def test(config: Config, tensors: Tensors) -> bool | None:
        bound = config.values.get(bound_field, default)
        if tail not in tensors or not isinstance(bound, int | float):
            return None
        return drawn_uniform(tensors[tail], float(bound)) or drawn_normal(tensors[tail])

    return test


def _xlora(config: Config, tensors: Tensors) -> bool | None:
    """The classifier's layers are drawn as every nn.Linear is."""
    verdicts = [
        drawn_uniform(tensor, 1 / math.sqrt(max(1, tensor.shape[1])))
        for tensor in tensors.values()
        if len(tensor.shape) == 2
    ]
    return _together(verdicts)


def _together(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else (True if True in verdicts else None)


def _prefix(config: Config, tensors: Tensors) -> bool | None:
    prompt = tensors.get("prompt_embeddings")
    if config.values.get("init_weights") == "zero" and prompt is not None and prompt.size <= _LARGEST:
        return not prompt.array().any()
    # with a projection, the prompt that is saved is a network's output
    return None if config.values.get("prefix_projection") else _normal(tensors, "prompt_embeddings")


def _normal(tensors: Tensors, *tails: str) -> bool | None:
    """Whether all of these that are there are as drawn; one that has moved decides."""
    return _together([drawn_normal(tensors[tail]) for tail in tails if tail in tensors])


def _normals(*tails: str) -> Callable[[Config, Tensors], bool | None]:
    return lambda config, tensors: _normal(tensors, *tails)


_TESTS: dict[str, Callable[[Config, Tensors], bool | None]] = {
    "LORA": _lora,
    "OSF": _osf,
    "C3A": _c3a,
    "DEFT": _normals("deft_P"),
    "FOURIERFT": _normals("fourierft_spectrum"),
    "UNILORA": _vector_bank("unilora_theta_d", "init_theta_d_bound", 0.02),
    "VBLORA": _vector_bank("vblora_vector_bank", "init_vector_bank_bound", 0.02),
    "XLORA": _xlora,
    "PROMPT_TUNING": _normals("prompt_embeddings"),
    "PREFIX_TUNING": _prefix,
    "CARTRIDGE": _normals("prompt_embeddings"),
    "MULTITASK_PROMPT_TUNING": _normals("prefix_task_cols", "prefix_task_rows"),
}
