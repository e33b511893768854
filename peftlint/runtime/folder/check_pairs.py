"""Checks across the adapters of one call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import combinations, pairwise
from pathlib import Path

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import codes, relation_codes
from peftlint.runtime.folder.adapter import SavedAdapter, checkpoint_step
from peftlint.runtime.folder.check_keys import some
from peftlint.runtime.folder.keys import Kind
from peftlint.runtime.folder.methods import BASE_CHANGING_INITS


def check_identical(adapters: Sequence[SavedAdapter]) -> Iterator[Diagnostic]:
    """Adapters with equal values. Raises `Unreadable`, `MissingExtra`."""
    groups: dict[str, list[SavedAdapter]] = defaultdict(list)
    for adapter in adapters:
        if any(key.kind is Kind.ADAPTER for key in adapter.keys):
            groups[_fingerprint(adapter)].append(adapter)
    for group in groups.values():
        for first, second in pairwise(group):
            steps = checkpoint_step(first.folder), checkpoint_step(second.folder)
            if _same_run(first.folder, second.folder):
                if (
                    None not in steps
                    and steps[0] != steps[1]
                    and first.folder.name[:4] == second.folder.name[:4]
                ):
                    yield relation_codes.CHECKPOINTS_EQUAL.finding(
                        f"the adapter at step {steps[1]} equals the one at step {steps[0]} ({first.folder})",
                        str(second.weights),
                    )
                continue
            yield relation_codes.IDENTICAL.finding(
                f"the same values as the adapter in {first.folder}", str(second.weights)
            )


def _fingerprint(adapter: SavedAdapter) -> str:
    parts = sorted(f"{key.module}|{key.tail}|{adapter.summary(key.tensor).digest}" for key in adapter.keys)
    scale = [
        adapter.config.values.get(name) for name in ("peft_type", "lora_alpha", "alpha_pattern", "use_rslora")
    ]
    return blake2b("\n".join([*parts, repr(scale)]).encode(), digest_size=16).hexdigest()


def _same_run(first: Path, second: Path) -> bool:
    """Checkpoints of one Trainer run, or a run's final adapter and its checkpoints: copies are normal
    there.
    """
    runs = _run(first), _run(second)
    if checkpoint_step(first) is None and checkpoint_step(second) is None:
        return runs[0] == runs[1]
    return runs[0] == runs[1] or runs[0] in runs[1].parents or runs[1] in runs[0].parents


def _run(folder: Path) -> Path:
    for place in (folder, folder.parent):
        if place.name.startswith("checkpoint-"):
            return place.parent
    return folder


def without_starting_points(
    adapters: Sequence[SavedAdapter], diagnostics: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """The diagnostics but for those that call a starting point untrained.

    PEFT's recipe for PiSSA and OLoRA saves the initial adapter before training, for the conversion afterwards
    (`path_initial_model_for_weight_conversion`): it lies beside the trained adapter of the same modules.
    """
    untrained = {d.path for d in diagnostics if d.code == codes.UNTRAINED.code}
    trained = [set(a.adapted_modules) for a in adapters if str(a.weights) not in untrained]
    starts = {
        str(adapter.weights)
        for adapter in adapters
        if str(adapter.config.values.get("init_lora_weights")).startswith(BASE_CHANGING_INITS)
        and set(adapter.adapted_modules) in trained
    }
    return [d for d in diagnostics if d.code != codes.UNTRAINED.code or d.path not in starts]


def check_bases(adapters: Sequence[SavedAdapter]) -> Iterator[Diagnostic]:
    """Adapters that name different base models."""
    names = [
        (adapter, str(adapter.config.values.get("base_model_name_or_path") or "")) for adapter in adapters
    ]
    named = [(adapter, name) for adapter, name in names if name]
    for adapter, name in named[1:]:
        if name.rstrip("/") != named[0][1].rstrip("/"):
            yield relation_codes.DIFFERENT_BASES.finding(
                f"made for {name[:80]!r}, while {named[0][0].folder} is made for {named[0][1][:80]!r}",
                str(adapter.config.path), adapter.config.span("base_model_name_or_path"),
            )  # fmt: skip


def check_combinable(adapters: Sequence[SavedAdapter]) -> Iterator[Diagnostic]:
    """What `add_weighted_adapter` (peft 0.21) refuses, or does badly, for each pair."""
    for first, second in combinations(adapters, 2):
        for key, message in _obstacles(first, second):
            yield relation_codes.CANNOT_COMBINE.finding(
                f"with the adapter in {first.folder}: {message}",
                str(second.config.path),
                second.config.span(key),
            )


def _obstacles(first: SavedAdapter, second: SavedAdapter) -> Iterator[tuple[str, str]]:
    if first.config.method != second.config.method:
        yield (
            "peft_type",
            f"{second.config.method} and {first.config.method} cannot be combined into one adapter",
        )
        return
    if first.config.method != "LORA":
        yield "peft_type", f"add_weighted_adapter is not there for {first.config.method}"
        return
    ranks = first.config.whole_number("r"), second.config.whole_number("r")
    if ranks[0] != ranks[1] or first.config.table("rank_pattern") != second.config.table("rank_pattern"):
        yield "r", f"ranks differ ({ranks[1]} and {ranks[0]}): only combination types 'cat' and 'svd' work"
    if first.config.values.get("modules_to_save") and second.config.values.get("modules_to_save"):
        yield "modules_to_save", "both have modules_to_save: add_weighted_adapter raises"
    only = sorted(set(first.adapted_modules) ^ set(second.adapted_modules))
    if only:
        yield "target_modules", f"{len(only)} modules are adapted by one of them only: {some(only)}"
