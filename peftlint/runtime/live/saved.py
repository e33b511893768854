"""Whether the files of a save hold what the model in memory holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder.adapter import CONFIG_NAME, load_adapter_folder
from peftlint.runtime.folder.bounded import Unreadable
from peftlint.runtime.folder.torch_file import RunsCode
from peftlint.runtime.live import codes
from peftlint.runtime.live.status_checks import some


def compare_with_files(model: Any, folder: Path) -> Iterator[Diagnostic]:
    """PEFT644 for each adapter of a PeftModel whose files in `folder` lack tensors or hold other values."""
    from peft import PeftModel, get_peft_model_state_dict

    if not isinstance(model, PeftModel):
        return
    for name in model.peft_config:
        place = folder if name == "default" else folder / name
        if not (place / CONFIG_NAME).exists():
            continue
        try:
            saved = load_adapter_folder(place)
        except (Unreadable, RunsCode) as failure:
            yield codes.FILE_DIFFERS.finding(
                f"{name}: {place} cannot be read: {failure}", str(place / CONFIG_NAME)
            )
            continue
        path = str(saved.weights or place / CONFIG_NAME)
        expected = get_peft_model_state_dict(model, adapter_name=name, save_embedding_layers=False)
        missing = [key for key in expected if key not in saved.tensors]
        if missing or not saved.tensors:
            yield codes.FILE_DIFFERS.finding(
                f"{name}: {len(missing)} of {len(expected)} tensors are not in the file: {some(missing)}",
                path,
            )
        other = [
            key
            for key, value in expected.items()
            if key in saved.tensors
            and value.is_floating_point()
            and not _equal(value, torch.from_numpy(saved.tensors[key].array()))
        ]
        if other:
            yield codes.FILE_DIFFERS.finding(
                f"{name}: {len(other)} of {len(expected)} tensors differ from memory: {some(other)}", path
            )


def _equal(memory: torch.Tensor, file: torch.Tensor) -> bool:
    if memory.numel() == 0:  # a shard that is not gathered
        return True
    if memory.shape != file.shape:
        return False
    return bool(
        torch.allclose(memory.detach().cpu().double(), file.double(), rtol=1e-2, atol=1e-6, equal_nan=True)
    )


def weights_not_loaded(model: Any, name: str, folder: Path) -> Iterator[Diagnostic]:
    """PEFT637 if tensors of the folder are not in the model after loading, or the model has others than the
    folder.
    """
    from peft import PeftModel, get_peft_model_state_dict

    try:
        saved = load_adapter_folder(folder)
    except (Unreadable, RunsCode):
        return
    memory = get_peft_model_state_dict(model, adapter_name=name, save_embedding_layers=False)
    # transformers' own load_adapter also takes keys with or without the base model's prefix (`model.` of a
    # Llama)
    inner = "" if isinstance(model, PeftModel) else f"{getattr(model, 'base_model_prefix', '')}."
    held = {key.removeprefix("base_model.model.").removeprefix(inner): value for key, value in memory.items()}
    file = {
        key.removeprefix("base_model.model.").removeprefix(inner): tensor
        for key, tensor in saved.tensors.items()
    }
    missing = [key for key in held if key not in file]
    lost = [key for key in file if key not in held and "embed" not in key and "lm_head" not in key]
    other = [
        key
        for key, value in held.items()
        if key in file
        and value.is_floating_point()
        and not _equal(value, torch.from_numpy(file[key].array()))
    ]
    for keys, what in (
        (missing, "adapter parameters have no tensor in the file"),
        (lost, "tensors of the file have no place in the model"),
        (other, "parameters hold other values than the file"),
    ):
        if keys:
            yield codes.WEIGHTS_NOT_LOADED.finding(
                f"{name}: {len(keys)} {what}: {some(keys)}", str(saved.weights)
            )
