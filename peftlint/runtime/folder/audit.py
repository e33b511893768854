"""The audit of saved adapters: `audit(paths)` finds them, reads them, checks each one and all of them
together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peftlint.diagnostics import Diagnostic, FileError
from peftlint.runtime.extra import require
from peftlint.runtime.folder import codes
from peftlint.runtime.folder.adapter import (
    CONFIG_NAME,
    SAFETENSORS_NAME,
    TORCH_NAME,
    SavedAdapter,
    find_adapters,
    load_adapter_folder,
)
from peftlint.runtime.folder.bounded import Unreadable
from peftlint.runtime.folder.check_config import check_config
from peftlint.runtime.folder.check_keys import check_keys
from peftlint.runtime.folder.check_pairs import (
    check_bases,
    check_combinable,
    check_identical,
    without_starting_points,
)
from peftlint.runtime.folder.check_values import check_values, values_readable
from peftlint.runtime.folder.config import BadConfig
from peftlint.runtime.folder.full_model import FILES, check_full_model
from peftlint.runtime.folder.torch_file import RunsCode
from peftlint.semantics.api.releases import newest_release


@dataclass
class AuditResult:
    """`errors` are files that could not be read; `notes` say what was left out, and why."""

    adapters: list[SavedAdapter] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def audit(
    paths: Iterable[str | os.PathLike[str]],
    *,
    base: str | os.PathLike[str] | None = None,
    target: str | None = None,
    combine: bool = False,
    values: bool = True,
    progress: Callable[[int, int, Path], None] | None = None,
) -> AuditResult:
    """Check the adapters in the folders `paths` and below them.

    `base`: a folder with a transformers config.json, or that file; says which tensors would load (needs the
    whole extra) and, if the folder holds weights, which adapters are still copies of them. `target`: the
    release of peft that will load them (the newest known if not given). `combine`: also say what
    speaks against combining them. `values=False` looks at names and shapes only.
    `progress(done, total, folder)` is called before each adapter. Raises `MissingExtra` if numpy (or, with
    `base`, torch, transformers, peft) is not installed.
    """
    if values:
        require("adapter")
    target = target or newest_release("peft")
    result = AuditResult()
    folders = list(_folders(paths, result))
    check_base = _base_check(base, result, values) if base is not None else None
    for index, folder in enumerate(folders):
        if progress:
            progress(index, len(folders), folder)
        adapter = _load(folder, result)
        if adapter is not None:
            result.adapters.append(adapter)
            _check_one(adapter, result, target, values)
            if check_base is not None and adapter.tensors:
                result.diagnostics.extend(check_base(adapter))
    _check_together(result, combine, values)
    result.diagnostics.sort(key=lambda d: (d.path, d.span, d.code))
    return result


def _folders(paths: Iterable[str | os.PathLike[str]], result: AuditResult) -> Iterator[Path]:
    seen: set[str] = set()
    for given in paths:
        path = Path(given)
        if path.name in (CONFIG_NAME, SAFETENSORS_NAME, TORCH_NAME) and path.is_file():
            path = path.parent
        if not path.is_dir():
            result.errors.append(
                FileError(str(given), "is not a folder" if path.exists() else "does not exist")
            )
            continue
        found = False
        for folder in find_adapters(path):
            found = True
            real = os.path.realpath(folder)
            if real not in seen:
                seen.add(real)
                yield folder
        wrapped = [d for place in find_adapters(path, FILES) for d in check_full_model(place)]
        result.diagnostics.extend(wrapped)
        if not found and not wrapped:
            result.errors.append(
                FileError(str(given), f"holds no adapter: no {CONFIG_NAME} in it or below it")
            )


def _load(folder: Path, result: AuditResult) -> SavedAdapter | None:
    try:
        return load_adapter_folder(folder)
    except BadConfig as failure:
        result.errors.append(FileError(str(folder / CONFIG_NAME), str(failure), failure.line, failure.column))
    except RunsCode as failure:
        names = ", ".join(name.replace(" ", ".") for name in failure.names)
        result.diagnostics.append(
            codes.RUNS_CODE.finding(f"loading it would call {names}", str(folder / TORCH_NAME))
        )
    except Unreadable as failure:
        config = folder / CONFIG_NAME
        if not config.exists():
            result.errors.append(
                FileError(str(config), "is missing: the weights beside it cannot be loaded without it")
            )
        else:
            weights = next(
                (folder / name for name in (SAFETENSORS_NAME, TORCH_NAME) if os.path.lexists(folder / name)),
                config,
            )
            result.errors.append(FileError(str(_culprit(config, weights)), str(failure)))
    return None


def _culprit(config: Path, weights: Path) -> Path:
    from peftlint.runtime.folder.config import read_config

    try:
        read_config(config)
    except Unreadable:
        return config
    return weights


def _check_one(adapter: SavedAdapter, result: AuditResult, target: str, values: bool) -> None:
    result.diagnostics.extend(check_config(adapter, target))
    result.diagnostics.extend(check_keys(adapter))
    if not values or adapter.weights is None:
        return
    if not values_readable(adapter):
        result.notes.append(
            f"{adapter.weights}: too large to read every value; only names and shapes were checked"
        )
        return
    try:
        result.diagnostics.extend(check_values(adapter))
    except Unreadable as failure:
        result.errors.append(FileError(str(adapter.weights), str(failure)))


def _check_together(result: AuditResult, combine: bool, values: bool) -> None:
    adapters: Sequence[SavedAdapter] = result.adapters
    if len(adapters) < 2:
        return
    result.diagnostics = without_starting_points(adapters, result.diagnostics)
    result.diagnostics.extend(check_bases(adapters))
    if values:
        result.diagnostics.extend(
            check_identical([adapter for adapter in adapters if values_readable(adapter)])
        )
    if combine:
        result.diagnostics.extend(check_combinable(adapters))


def _base_check(
    base: str | os.PathLike[str], result: AuditResult, values: bool
) -> Callable[[SavedAdapter], Iterator[Diagnostic]] | None:
    require("runtime")
    from peftlint.runtime.folder.base import BaseModelShape, BaseUnusable
    from peftlint.runtime.folder.base_values import BaseWeights

    try:
        shape = BaseModelShape(Path(base))
        weights = BaseWeights(Path(base)) if values else None
    except (BaseUnusable, Unreadable) as failure:
        result.errors.append(FileError(str(base), str(failure)))
        return None

    def check(adapter: SavedAdapter) -> Iterator[Diagnostic]:
        try:
            yield from shape.check(adapter)
            if weights is not None:
                yield from weights.check(adapter)
        except BaseUnusable as failure:
            result.errors.append(FileError(str(adapter.config.path), str(failure)))
        except Unreadable as failure:
            result.errors.append(FileError(str(base), str(failure)))

    return check
