"""Adapters that begin as copies of the base's values: with the base's weights at hand, are they still copies?

LN tuning copies the norms, trainable tokens and CPT rows of the embedding, and prompt tuning with
prompt_tuning_init TEXT or SAMPLE_VOCAB takes rows of the embedding as the first prompt. The base's safetensors
file is read lazily; without it nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import codes
from peftlint.runtime.folder.adapter import SavedAdapter
from peftlint.runtime.folder.bounded import Unreadable, read_text
from peftlint.runtime.folder.keys import Kind
from peftlint.runtime.folder.methods import EMBEDDINGS
from peftlint.runtime.folder.safetensors_file import read_safetensors
from peftlint.runtime.folder.tensors import StoredTensor

_INPUTS = EMBEDDINGS - {"lm_head", "embed_out", "output"}
_FROM_WORDS = ("TEXT", "SAMPLE_VOCAB")
_ROWS, _BLOCK, _LARGEST = 4096, 2048, 2**24


class BaseWeights:
    """The tensors of a base model's folder by name; empty if it has no safetensors file."""

    def __init__(self, folder: Path) -> None:
        self.tensors = dict(_tensors(folder)) if folder.is_dir() else {}

    def check(self, adapter: SavedAdapter) -> Iterator[Diagnostic]:
        """PEFT522 if every value is the base's own. Raises `Unreadable`, `MissingExtra` (numpy)."""
        verdicts = list(self._verdicts(adapter)) if self.tensors else []
        if verdicts and all(verdicts):
            yield codes.UNTRAINED.finding(
                f"the {adapter.config.method} weights are the base model's own values: no optimizer step "
                "changed them",
                str(adapter.weights),
            )

    def _verdicts(self, adapter: SavedAdapter) -> Iterator[bool]:
        """For each tensor whether it is a copy; ends with False where one has no counterpart."""
        method, config = adapter.config.method, adapter.config.values
        for key in adapter.keys:
            if key.kind is not Kind.ADAPTER:
                continue
            match method:
                case "LN_TUNING":
                    original = self._named(f"{key.module}.{key.tail.removeprefix('ln_tuning_layers.')}")
                    yield original is not None and _equal(key.tensor, original)
                case "TRAINABLE_TOKENS":
                    original = self._named(f"{key.module}.weight")
                    yield original is not None and _equal_rows(
                        key.tensor, original, config.get("token_indices")
                    )
                case "CPT":
                    original = self._embedding(key.tensor)
                    yield original is not None and _equal_rows(
                        key.tensor, original, config.get("cpt_token_ids")
                    )
                case "PROMPT_TUNING" if config.get("prompt_tuning_init") in _FROM_WORDS:
                    original = self._embedding(key.tensor)
                    yield original is not None and _all_rows_in(key.tensor, original)

    def _named(self, name: str) -> StoredTensor | None:
        """A base saved without its head has names without the first component."""
        return self.tensors.get(name) or self.tensors.get(name.partition(".")[2])

    def _embedding(self, prompt: StoredTensor) -> StoredTensor | None:
        """The largest input embedding of the prompt's width."""
        fitting = (
            tensor
            for name, tensor in self.tensors.items()
            if name.removesuffix(".weight").split(".")[-1] in _INPUTS
            and len(tensor.shape) == len(prompt.shape) == 2
            and tensor.shape[1] == prompt.shape[1]
        )
        return max(fitting, key=lambda tensor: tensor.size, default=None)


def _tensors(folder: Path) -> Iterator[tuple[str, StoredTensor]]:
    single, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if single.exists():
        yield from read_safetensors(single).items()
    elif index.exists():
        try:
            weights = json.loads(read_text(index))["weight_map"]
            files = sorted({str(name) for name in weights.values()})
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as failure:
            raise Unreadable("is no index of a model's files") from failure
        for name in files[:1000]:
            if Path(name).name == name and (folder / name).exists():
                yield from read_safetensors(folder / name).items()


def _equal(copy: StoredTensor, original: StoredTensor) -> bool:
    if copy.shape != original.shape or copy.size > _LARGEST:
        return False
    return _same(copy.array(), original.array())


def _same(copy: Any, original: Any) -> bool:
    """Equal values; the original's type may be the coarser one, or the copy's."""
    import numpy as np

    return bool((copy == original).all() or (copy == original.astype(np.float16).astype(np.float32)).all())


def _equal_rows(copy: StoredTensor, original: StoredTensor, indices: Any) -> bool:
    if not isinstance(indices, list) or not all(type(i) is int for i in indices):
        return False
    rows, width = original.shape[0], original.shape[-1]
    if copy.shape != (len(indices), width) or len(indices) > _ROWS or copy.size > _LARGEST:
        return False
    values = copy.array()
    # tokens that the base does not have were added by resizing: where they began is not known
    return all(
        0 <= index < rows and _same(values[place], _rows(original, index, 1)[0])
        for place, index in enumerate(indices)
    )


def _all_rows_in(prompt: StoredTensor, original: StoredTensor) -> bool:
    import numpy as np

    if prompt.shape[0] > _ROWS or prompt.size > _LARGEST:
        return False
    wanted = {row.tobytes(): row for row in prompt.array().astype(np.float32)}
    firsts = np.unique(np.array([row[0] for row in wanted.values()]))
    for start in range(0, original.shape[0], _BLOCK):
        block = _rows(original, start, min(_BLOCK, original.shape[0] - start)).astype(np.float32)
        for row in block[np.isin(block[:, 0], firsts)]:
            wanted.pop(row.tobytes(), None)
        if not wanted:
            return True
    return False


def _rows(tensor: StoredTensor, start: int, count: int) -> Any:
    row_bytes = tensor.byte_count // max(1, tensor.shape[0])
    return replace(tensor, shape=(count, *tensor.shape[1:]), offset=tensor.offset + start * row_bytes).array()
