"""Checks of the values: untrained, not finite, constant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from math import isfinite

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import codes
from peftlint.runtime.folder.adapter import SavedAdapter
from peftlint.runtime.folder.bounded import VALUE_BYTES
from peftlint.runtime.folder.check_keys import some
from peftlint.runtime.folder.initial import untouched
from peftlint.runtime.folder.keys import Key, Kind
from peftlint.runtime.folder.methods import METHODS, PROMPT_METHODS, Condition
from peftlint.runtime.folder.tensors import StoredTensor, Summary


def values_readable(adapter: SavedAdapter) -> bool:
    """False for files so large that reading every value would take minutes."""
    return sum(tensor.byte_count for tensor in adapter.tensors.values()) <= VALUE_BYTES


def check_values(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    """One pass over every tensor. Raises `Unreadable`, `MissingExtra`."""
    path = str(adapter.weights)
    summaries = {key.tensor.name: adapter.summary(key.tensor) for key in adapter.keys}
    broken = [name for name, summary in summaries.items() if not summary.finite]
    if broken:
        yield codes.NOT_FINITE.finding(
            f"{len(broken)} of {len(summaries)} tensors hold NaN or infinite values: {some(broken)}", path
        )
    constant = [
        key
        for key in adapter.keys
        if summaries[key.tensor.name].constant is not None
        and key.tensor.size > 1
        and _should_vary(adapter, key)
    ]
    no_op, initial, deciding = _initial_modules(adapter, summaries)
    untrained = no_op | initial
    if untrained and len(untrained) == deciding:
        rest = {key.kind for key in adapter.keys} & {Kind.SAVED_MODULE, Kind.TOKENS, Kind.EMBEDDING}
        beside = "; only modules beside it may be trained" if rest else ""
        where = f" of all {deciding} modules" if untrained != {""} else ""
        what = (
            "are those that it was initialised with: no optimizer step changed them"
            if initial
            else "have no effect: their initial values"
        )
        yield codes.UNTRAINED.finding(f"the {adapter.config.method} weights{where} {what}{beside}", path)
        return
    accidents = {key.module for key in constant}
    for found, what in ((no_op - accidents, "no effect"), (initial - accidents, "the initial values")):
        if found:
            yield codes.PARTLY_UNTRAINED.finding(
                f"{what} in {len(found)} of {deciding} modules: {some(sorted(found))}", path
            )
    shown = [f"{key.tensor.name} = {summaries[key.tensor.name].constant:g}" for key in constant]
    shown = [
        text
        for text, key in zip(shown, constant, strict=True)
        if isfinite(summaries[key.tensor.name].constant or 0)
    ]
    if shown:
        yield codes.ZERO_TENSOR.finding(f"{len(shown)} tensors hold one single value: {some(shown)}", path)


def _should_vary(adapter: SavedAdapter, key: Key) -> bool:
    if key.kind is Kind.SAVED_MODULE:
        return len(key.tensor.shape) > 1
    name = adapter.config.method
    method = METHODS.get(name)
    random = name in PROMPT_METHODS if method is None else key.tail in method.random
    return random and key.kind is Kind.ADAPTER


def _initial_modules(
    adapter: SavedAdapter, summaries: Mapping[str, Summary]
) -> tuple[set[str], set[str], int]:
    """The modules in which the adapter does exactly nothing, those that hold other initial values, and how
    many modules can tell.
    """
    name = adapter.config.method
    method = METHODS.get(name)
    conditions = method.no_op if method is not None else ()
    modules: dict[str, dict[str, StoredTensor]] = defaultdict(dict)
    for key in adapter.keys:
        if key.kind is Kind.ADAPTER:
            modules[key.module][key.tail] = key.tensor
    no_op: set[str] = set()
    initial: set[str] = set()
    deciding = 0
    for module, tensors in modules.items():
        if name == "HRA":
            verdicts = [paired(tensor) for tensor in tensors.values()]
        else:
            values = {tail: summaries[tensor.name].constant for tail, tensor in tensors.items()}
            verdicts = [
                verdict for condition in conditions if (verdict := _holds(condition, values)) is not None
            ]
        if any(verdicts):
            no_op.add(module)
        elif (verdict := untouched(adapter.config, tensors)) is not None:
            verdicts.append(verdict)
            if verdict:
                initial.add(module)
        deciding += bool(verdicts)
    return no_op, initial, deciding


def _holds(condition: Condition, values: Mapping[str, float | None]) -> bool | None:
    """None if the module has no tensor of the condition's first pattern."""
    verdict = True
    for position, (pattern, wanted) in enumerate(condition.items()):
        if "*" in pattern or "?" in pattern:
            tails = [tail for tail in values if fnmatchcase(tail, pattern)]
        else:
            tails = [pattern] if pattern in values else []
        if position == 0 and not tails:
            return None
        verdict = verdict and all(values[tail] == wanted for tail in tails)
    return verdict


def paired(tensor: StoredTensor) -> bool:
    """Householder vectors that come in equal pairs: each pair of reflections is the identity (HRA's initial
    values).
    """
    if len(tensor.shape) != 2 or tensor.shape[1] % 2 or not tensor.size or tensor.size > 2**26:
        return False
    values = tensor.array()
    return bool((values[:, ::2] == values[:, 1::2]).all())
