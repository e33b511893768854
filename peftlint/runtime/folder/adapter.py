"""A saved adapter, and where adapters lie below a folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from peftlint.runtime.folder.config import Config, read_config
from peftlint.runtime.folder.keys import Key, Kind, read_key
from peftlint.runtime.folder.safetensors_file import read_safetensors
from peftlint.runtime.folder.tensors import StoredTensor, Summary, summarise
from peftlint.runtime.folder.torch_file import read_torch

CONFIG_NAME, SAFETENSORS_NAME, TORCH_NAME = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "adapter_model.bin",
)
_DEPTH, _FOLDERS = 12, 100_000


@dataclass
class SavedAdapter:
    """`weights` is the file that PEFT would load (safetensors before .bin), None if there is neither."""

    folder: Path
    config: Config
    weights: Path | None
    tensors: dict[str, StoredTensor]
    _summaries: dict[str, Summary] = field(default_factory=dict, repr=False)

    @cached_property
    def keys(self) -> list[Key]:
        bias = str(self.config.values.get("bias") or "none")
        modules_to_save = self.config.names("modules_to_save")
        return [
            read_key(tensor, self.config.method, modules_to_save, bias) for tensor in self.tensors.values()
        ]

    @cached_property
    def adapted_modules(self) -> list[str]:
        """The paths of the modules that have adapter tensors, in order of the file, without doubles."""
        modules = (key.module.removesuffix(".base_layer") for key in self.keys if key.kind is Kind.ADAPTER)
        return list(dict.fromkeys(module for module in modules if module))

    def summary(self, tensor: StoredTensor) -> Summary:
        """What its values are; the first question reads the whole file. Raises `Unreadable`, `MissingExtra`."""
        if not self._summaries:
            self._summaries = dict(summarise(self.tensors.values()))
        return self._summaries[tensor.name]


def load_adapter_folder(folder: Path) -> SavedAdapter:
    """Config and tensor names of one folder. Raises `Unreadable`, `BadConfig`, `RunsCode`."""
    config = read_config(folder / CONFIG_NAME)
    weights = next(
        (folder / name for name in (SAFETENSORS_NAME, TORCH_NAME) if os.path.lexists(folder / name)), None
    )
    if weights is None:
        return SavedAdapter(folder, config, None, {})
    read = read_safetensors if weights.name == SAFETENSORS_NAME else read_torch
    return SavedAdapter(folder, config, weights, read(weights))


def find_adapters(
    folder: Path, names: Collection[str] = (CONFIG_NAME, SAFETENSORS_NAME, TORCH_NAME)
) -> Iterator[Path]:
    """`folder` and the folders below it that hold one of these files, sorted, links not followed.

    Trainer runs are such trees: OUTPUT/checkpoint-N, and OUTPUT/checkpoint-N/NAME for adapters that are not
    "default".
    """
    root_depth = len(folder.parts)
    for seen, (place, folders, files) in enumerate(os.walk(folder)):
        folders.sort(key=_natural)
        if len(Path(place).parts) - root_depth >= _DEPTH or seen > _FOLDERS:
            folders.clear()
        if set(names) & set(files):
            yield Path(place)


def _natural(name: str) -> tuple[str, int, str]:
    """checkpoint-200 before checkpoint-1000."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return stem, int(digits[:15] or 0), name


def checkpoint_step(folder: Path) -> int | None:
    """The step N if the folder, or the one above it, is named checkpoint-N by a Trainer."""
    for part in (folder.name, folder.parent.name):
        _, found, digits = part.rpartition("checkpoint-")
        if found and digits.isdigit() and len(digits) < 15:
            return int(digits)
    return None
